#include "phyllo/transport/local_discovery.hpp"

#include <algorithm>
#include <array>
#include <asio/ip/multicast.hpp>
#include <asio/ip/udp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "dns/mdns_message.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/transport/errc.hpp"
#include "port/bind_error.hpp"

namespace phyllo::transport {
namespace {

using udp = asio::ip::udp;

const auto group = asio::ip::address_v4({224, 0, 0, 251});
constexpr std::size_t found_max = 32;
constexpr int answers_per_second = 20;

class discovery final : public local_discovery {
 public:
  discovery(core::environment& env, local_discovery_options o, own_source own, core::metrics& m)
      : env_(env), options_(std::move(o)), own_(std::move(own)), metrics_(m), socket_(env.get_executor()), tasks_(env) {}

  core::status open_socket();
  void start() { tasks_.spawn(serve()); }
  core::awaitable<std::vector<endpoint>> ask(core::duration span) override;

  core::awaitable<void> stop() override {
    asio::error_code ignored;
    socket_.close(ignored);
    tasks_.cancel();
    co_await tasks_.join();
  }

 private:
  core::awaitable<void> serve();
  // One question, from its socket to what has come of it.
  struct question {
    udp::socket socket;
    mdns_query query;
    std::vector<endpoint> found;
  };
  core::awaitable<void> collect(std::shared_ptr<question> q);
  void take(question& q, core::byte_view message) const;
  [[nodiscard]] core::bytes answer_to(core::byte_view message);
  [[nodiscard]] bool open_asking(udp::socket& s) const;
  [[nodiscard]] asio::ip::address_v4 interface() const { return options_.address.to_v4(); }

  core::environment& env_;
  local_discovery_options options_;
  own_source own_;
  core::metrics& metrics_;
  udp::socket socket_;  // bound to the group itself: what was sent to another address never comes to it
  core::time_point second_{};
  int answered_ = 0;  // in this second
  core::task_scope tasks_;
};

core::status discovery::open_socket() {
  asio::error_code ec;
  socket_.open(udp::v4(), ec);
  if (!ec) socket_.set_option(udp::socket::reuse_address(true), ec);  // the system's own responder may be there as well
  if (!ec) socket_.bind({group, options_.port}, ec);
  if (!ec) socket_.set_option(asio::ip::multicast::join_group(group, interface()), ec);
  if (!ec && !interface().is_unspecified()) socket_.set_option(asio::ip::multicast::outbound_interface(interface()), ec);
  if (!ec) socket_.non_blocking(true, ec);
  if (ec) return core::fail(explain_bind("UDP", {group, options_.port}, ec));
  return {};
}

// Nothing: not for us, or too much.
core::bytes discovery::answer_to(core::byte_view message) {
  const auto query = mdns_query::decode(message);
  if (!query) return {};
  const auto place = own_();
  if (!place) return {};
  if (env_.now() - second_ >= std::chrono::seconds(1)) {
    second_ = env_.now();
    answered_ = 0;
  }
  if (++answered_ > answers_per_second) {
    metrics_.drop("discovery");
    return {};
  }
  return encode_mdns_answer(*query, {place->instance, options_.overlay, place->at});
}

core::awaitable<void> discovery::serve() {
  std::array<std::uint8_t, 2048> buffer{};
  while (socket_.is_open()) {  // ends when it is closed, or by cancellation
    asio::error_code ec;
    udp::endpoint from;
    const auto room = asio::buffer(buffer);
    const auto size = co_await socket_.async_receive_from(room, from, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) {  // no network, say: not at once again
      co_await core::sleep_for(env_, std::chrono::milliseconds(100));
      continue;
    }
    const auto answer = answer_to(core::byte_view(buffer.data(), size));
    if (!answer.empty()) socket_.send_to(asio::buffer(answer), from, 0, ec);  // lost if there is no room: it is asked again
  }
}

bool discovery::open_asking(udp::socket& s) const {
  asio::error_code ec;
  s.open(udp::v4(), ec);
  if (!ec) s.bind({interface(), 0}, ec);
  if (!ec && !interface().is_unspecified()) s.set_option(asio::ip::multicast::outbound_interface(interface()), ec);
  if (!ec) s.non_blocking(true, ec);
  return !ec;
}

void discovery::take(question& q, core::byte_view message) const {
  const auto own = own_();
  for (const auto& p : read_mdns_answer(q.query, message)) {
    const bool mine = own && own->at == p.at;
    const bool known = std::ranges::find(q.found, p.at) != q.found.end();
    if (p.overlay == options_.overlay && !mine && !known && q.found.size() < found_max) q.found.push_back(p.at);
  }
}

core::awaitable<void> discovery::collect(std::shared_ptr<question> q) {
  std::array<std::uint8_t, 2048> buffer{};
  while (q->socket.is_open()) {  // ends when ask() closes it, or by cancellation
    asio::error_code ec;
    udp::endpoint from;
    const auto room = asio::buffer(buffer);
    const auto size = co_await q->socket.async_receive_from(room, from, asio::redirect_error(asio::use_awaitable, ec));
    if (!ec) take(*q, core::byte_view(buffer.data(), size));
  }
}

core::awaitable<std::vector<endpoint>> discovery::ask(core::duration span) {
  const mdns_query query{static_cast<std::uint16_t>(core::random_u64(env_))};
  const auto q = std::make_shared<question>(question{udp::socket(env_.get_executor()), query, {}});
  asio::error_code ec;
  if (!open_asking(q->socket)) co_return q->found;
  q->socket.send_to(asio::buffer(query.encode()), {group, options_.port}, 0, ec);
  if (ec) co_return q->found;
  // Closed however this ends; the collector then ends, too.
  struct closing {
    udp::socket& s;
    ~closing() {
      asio::error_code ignored;
      s.close(ignored);
    }
  };
  const closing at_end{q->socket};
  tasks_.spawn(collect(q));
  co_await core::sleep_for(env_, span);
  co_return q->found;
}

}  // namespace

core::result<std::unique_ptr<local_discovery>> local_discovery::open(core::environment& env, local_discovery_options o, own_source own,
                                                                     core::metrics& m) {
  if (!o.address.is_v4()) return core::fail(errc::refused, "multicast needs an IPv4 address");
  auto d = std::make_unique<discovery>(env, std::move(o), std::move(own), m);
  if (auto opened = d->open_socket(); !opened) return core::fail(opened.error());
  d->start();
  return d;
}

}  // namespace phyllo::transport
