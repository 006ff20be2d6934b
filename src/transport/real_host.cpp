#include "real_host.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include "framed_link.hpp"
#include "ladder.hpp"
#include "network_name.hpp"
#include "open_stream.hpp"
#include "phyllo/transport/errc.hpp"
#include "stream_acceptor.hpp"

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

real_host::real_host(core::environment& env, host_options options, const identity::trust& trust, core::metrics& m, core::logger log)
    : state_(env, std::move(options), trust, m, std::move(log)),
      datagrams_(state_),
      dialler_(state_, datagrams_, arena_),
      mover_(state_, dialler_),
      scope_(env) {}

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
  if (address.is_unspecified()) address = source_towards(state_.env.get_executor(), dialler_.last());
  if (address.is_unspecified()) return {};
  const endpoint at{address, state_.options.ports.reload};
  return {{link_kind::dtls, at}, {link_kind::tls, at}};
}

core::status real_host::send_sip_datagram(const endpoint& to, core::byte_view data) {
  if (!sip_) return core::fail(errc::closed, "no SIP port is open");
  return sip_->send(to, data);
}

core::awaitable<core::result<std::shared_ptr<link>>> real_host::connect(std::vector<candidate> to,
                                                                        std::optional<identity::node_id> expected,
                                                                        core::time_point deadline) {
  if (stopping_) co_return core::fail(errc::closed, "the host stops");
  if (!state_.tls.credential()) co_return core::fail(errc::handshake_failed, "this node has no overlay certificate yet");
  const auto network = network_of(to);
  auto steps = plan_ladder(to, state_.options.ladder, state_.options.rungs.winner(network));
  dial_purpose what;
  what.expected = expected;
  auto won = co_await dialler_.race(std::move(steps), std::move(what), deadline);
  if (!won) co_return core::fail(won.error());
  auto l = std::make_shared<framed_link>(state_.registry, won->take(), won->rtt());
  l->start();
  state_.note_winner(network, l->by());
  mover_.watch(l, to, network);
  co_return l;
}

std::string real_host::network_of(const std::vector<candidate>& to) const {
  if (to.empty()) return {};
  return network_name(source_towards(state_.env.get_executor(), to.front().at));
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
  mover_.cancel();
  dialler_.cancel();
  datagrams_.stop();
  state_.moves.stop();
  state_.registry->close_all();
  for (const auto& s : udp_) s->close();
  dialler_.close_sockets();
  co_await scope_.join();
  co_await mover_.join();
  // Whoever waits in connect() is told, and leaves its race to the reapers on its next turn.
  while (dialler_.racing()) co_await asio::post(state_.env.get_executor(), asio::use_awaitable);
  co_await dialler_.join();
  state_.observer = nullptr;
}

}  // namespace phyllo::transport
