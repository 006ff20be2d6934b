#include "real_host.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include "framed_link.hpp"
#include "open_stream.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/transport/errc.hpp"
#include "reach_exchange.hpp"
#include "socket_stream.hpp"
#include "stream_acceptor.hpp"
#include "tls_carrier.hpp"

namespace phyllo::transport {

core::result<std::unique_ptr<host>> host::open(core::environment& env, host_options options,
                                               std::shared_ptr<const identity::credential> credential, const identity::trust& trust,
                                               web_certificate web, core::metrics& metrics, core::logger log) {
  auto out = std::make_unique<real_host>(env, std::move(options), trust, metrics, std::move(log));
  out->replace_credential(std::move(credential));
  if (!web.chain_pem.empty()) {
    if (auto parsed = out->replace_web_certificate(std::move(web)); !parsed) return core::fail(parsed.error());
  }
  if (auto opened = out->open_ports(); !opened) return core::fail(opened.error());
  return out;
}

// Joins a race wherever its caller left it: by return, by exception, by cancellation.
class real_host::race_guard {
 public:
  race_guard(real_host& h, std::shared_ptr<link_race> race) : host_(h), race_(std::move(race)) { host_.races_.insert(race_); }
  ~race_guard() {
    host_.races_.erase(race_);
    race_->cancel();
    host_.reapers_.spawn(reap(std::move(race_)));
  }
  race_guard(const race_guard&) = delete;
  race_guard& operator=(const race_guard&) = delete;

 private:
  real_host& host_;
  std::shared_ptr<link_race> race_;
};

real_host::real_host(core::environment& env, host_options options, const identity::trust& trust, core::metrics& m, core::logger log)
    : state_(env, std::move(options), trust, m, std::move(log)), datagrams_(state_), scope_(env), reapers_(env) {}

real_host::~real_host() = default;

core::status real_host::open_ports() {
  const auto& p = state_.options.ports;
  for (const auto port : std::set<std::uint16_t>{p.reload, p.sip, p.stun, p.https}) {
    if (auto opened = open_udp(port); !opened) return opened;
  }
  for (const auto port : std::set<std::uint16_t>{p.reload, p.sip, p.sips, p.stun, p.https, p.http}) {
    if (auto opened = open_tcp_port(port); !opened) return opened;
  }
  for (const auto& s : udp_) s->start(&datagrams_);
  for (const auto& l : listeners_) scope_.spawn(l->run());
  return {};
}

core::status real_host::open_udp(std::uint16_t port) {
  if (port == 0) return {};
  auto opened = udp_socket::open(state_.env, state_.metrics, arena_, {state_.options.address, port});
  if (!opened) return core::fail(opened.error());
  if (port == state_.options.ports.sip) {
    sip_ = *opened;
    datagrams_.take_sip_from(sip_.get());
  }
  udp_.push_back(std::move(*opened));
  return {};
}

core::status real_host::open_tcp_port(std::uint16_t port) {
  if (port == 0) return {};
  auto opened =
      port_listener::open(state_.env, state_.metrics, {state_.options.address, port},
                          [this, port](std::shared_ptr<tcp::socket> s) { scope_.spawn(serve_connection(state_, std::move(s), port)); });
  if (!opened) return core::fail(opened.error());
  listeners_.push_back(std::move(*opened));
  return {};
}

// What the system would send from, now: it changes when a host moves from one network to another.
asio::ip::address real_host::source_towards(const core::executor& ex, const std::optional<endpoint>& to) {
  if (!to) return {};
  asio::error_code ec;
  asio::ip::udp::socket probe(ex);
  const asio::ip::udp::endpoint there(to->address, to->port);
  probe.open(there.protocol(), ec);
  if (!ec) probe.connect(there, ec);  // sends nothing
  const auto here = ec ? asio::ip::udp::endpoint() : probe.local_endpoint(ec);
  return here.address();
}

std::vector<candidate> real_host::candidates() const {
  if (state_.options.ports.reload == 0) return {};
  asio::error_code ec;
  auto address = asio::ip::make_address(state_.options.advertised_address, ec);
  if (ec) address = state_.options.address;
  if (address.is_unspecified()) address = source_towards(state_.env.get_executor(), dialled_);
  if (address.is_unspecified()) return {};
  const endpoint at{address, state_.options.ports.reload};
  return {{link_kind::dtls, at}, {link_kind::tls, at}};
}

core::status real_host::send_sip_datagram(const endpoint& to, core::byte_view data) {
  if (!sip_) return core::fail(errc::closed, "no SIP port is open");
  return sip_->send(to, data);
}

core::awaitable<link_result> real_host::connect(std::vector<candidate> to, std::optional<identity::node_id> expected,
                                                core::time_point deadline) {
  if (stopping_) co_return core::fail(errc::closed, "the host stops");
  if (!state_.tls.credential()) co_return core::fail(errc::handshake_failed, "this node has no overlay certificate yet");
  link_race::attempt attempt = [this, expected, deadline](candidate c) { return dial(c, expected, deadline); };
  const auto race = std::make_shared<link_race>(state_.env, to, std::move(attempt));
  const race_guard guard(*this, race);
  co_return co_await race->run(deadline);
}

core::awaitable<void> real_host::reap(std::shared_ptr<link_race> race) { co_await race->join(); }

core::awaitable<link_result> real_host::dial(candidate to, std::optional<identity::node_id> expected, core::time_point deadline) {
  const auto until = std::min(deadline, state_.env.now() + state_.options.handshake_timeout);
  dialled_ = to.at;
  if (to.kind == link_kind::dtls) co_return co_await dial_dtls(to.at, expected, until);
  co_return co_await dial_tls(to.at, expected, until);
}

core::awaitable<link_result> real_host::dial_tls(endpoint to, std::optional<identity::node_id> expected, core::time_point deadline) {
  auto s = co_await open_plain(state_.env.get_executor(), state_.options.address, to, deadline);
  if (!s) co_return core::fail(s.error());
  tls_engine::overlay_client options;
  options.expected = expected;
  auto engine = std::make_unique<tls_engine>(state_.tls, std::move(options));
  const auto shaken = co_await (*s)->secure_with(std::move(engine), deadline);
  state_.count_handshake(link_kind::tls, shaken);
  if (!shaken) co_return core::fail(shaken.error());
  auto parts = (*s)->release();
  auto carrier = std::make_shared<tls_carrier>(std::move(parts.socket), std::move(parts.engine), std::move(parts.unsent));
  const auto l = std::make_shared<framed_link>(state_.registry, std::move(carrier), std::nullopt);
  l->start();
  co_return l;
}

core::awaitable<link_result> real_host::dial_dtls(endpoint to, std::optional<identity::node_id> expected, core::time_point deadline) {
  const auto socket = dial_socket(to);
  if (!socket) co_return core::fail(socket.error());
  auto channel = (*socket)->make_channel(to);
  core::result<reach_exchange::outcome> reached = core::fail(errc::timed_out);
  {
    reach_exchange exchange(state_.env, datagrams_, *channel);
    reached = co_await exchange.run(deadline);
  }
  if (!reached) co_return core::fail(reached.error());
  tls_engine::overlay_client options;
  options.datagrams = true;
  options.expected = expected;
  auto engine = std::make_unique<tls_engine>(state_.tls, std::move(options));
  const auto carrier = std::make_shared<dtls_carrier>(state_.env, std::move(engine), std::move(channel));
  const auto done = std::make_shared<core::mailbox<link_result>>(state_.env, 1);
  dtls_carrier::handshake_handler finish = [this, done, rtt = reached->rtt](dtls_carrier& c, const core::status& how) {
    state_.count_handshake(link_kind::dtls, how);
    if (!how) {
      done->push(core::fail(how.error()));
      return;
    }
    const auto l = std::make_shared<framed_link>(state_.registry, c.shared_from_this(), rtt);
    l->start();
    done->push(l);
  };
  carrier->start(deadline, std::move(reached->indication), std::move(finish));
  auto result = co_await done->receive(core::time_point::max());  // the carrier keeps the deadline
  if (!result) co_return core::fail(result.error());
  co_return std::move(*result);
}

// A 5-tuple carries one association, and BoringSSL can not tell a client's from a server's: what we dial leaves from
// sockets of their own, and a second link to the same endpoint from a further one.
core::result<std::shared_ptr<udp_socket>> real_host::dial_socket(const endpoint& to) {
  const auto usable =
      std::ranges::find_if(dialing_, [&](const auto& s) { return !s->claimed(to) && s->local().address.is_v6() == to.address.is_v6(); });
  if (usable != dialing_.end()) return *usable;
  const auto& own = state_.options.address;
  const auto any = to.address.is_v6() ? asio::ip::address(asio::ip::address_v6::any()) : asio::ip::address(asio::ip::address_v4::any());
  auto opened = udp_socket::open(state_.env, state_.metrics, arena_, {own.is_v6() == to.address.is_v6() ? own : any, 0});
  if (!opened) return opened;
  datagrams_.mark_dialing(opened->get());
  (*opened)->start(&datagrams_);
  dialing_.push_back(*opened);
  return opened;
}

core::awaitable<core::result<std::unique_ptr<stream>>> real_host::open_tcp(endpoint to, core::time_point deadline) {
  return open_tcp_stream(state_.env, state_.options.address, to, deadline);
}

core::awaitable<core::result<std::unique_ptr<stream>>> real_host::open_tls(endpoint to, tls_client_options o, core::time_point deadline) {
  return open_tls_with(state_.tls, state_.options.address, to, std::move(o), deadline);
}

core::awaitable<void> real_host::stop() {
  stopping_ = true;
  state_.acceptor = nullptr;
  for (const auto& l : listeners_) l->close();
  scope_.cancel();
  for (const auto& race : std::vector(races_.begin(), races_.end())) race->cancel();
  datagrams_.stop();
  state_.registry->close_all();
  for (const auto& s : udp_) s->close();
  for (const auto& s : dialing_) s->close();
  co_await scope_.join();
  // Whoever waits in connect() is told, and leaves its race to the reapers on its next turn.
  while (!races_.empty()) co_await asio::post(state_.env.get_executor(), asio::use_awaitable);
  co_await reapers_.join();
  state_.observer = nullptr;
}

}  // namespace phyllo::transport
