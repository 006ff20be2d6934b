#include "host/real_host.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include "host/open_stream.hpp"
#include "host/secure_path.hpp"
#include "host/stream_acceptor.hpp"
#include "link/carrier_session.hpp"
#include "link/framed_link.hpp"
#include "link/ladder.hpp"
#include "phyllo/transport/errc.hpp"
#include "port/network_name.hpp"
#include "port/own_addresses.hpp"

namespace phyllo::transport {
namespace {

// What strangers' connections leave of the process' file descriptors: for links, which may have half of them on the overlay's
// own port, for what we dial, for the admin interface and for files.
constexpr int descriptors_kept = 64;

// A port that is shared within the process is free all the same, or another process' which shares its own.
core::status may_share(const host_options& o, const endpoint& at, port_use use) {
  if (!o.shard || o.shard->index != 0) return {};
  return check_free(at, use);
}

}  // namespace

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
      stun_(state_),
      dtls_links_(state_, stun_.proofs()),
      tls_links_(state_),
      datagrams_(m),
      dialler_(state_, stun_, arena_),
      mover_(state_, dialler_),
      scope_(env) {
  serve(datagram_kind::stun, &stun_);
  serve(datagram_kind::dtls, &dtls_links_);
  serve(stream_kind::stun, &stun_);
  serve(stream_kind::link, &tls_links_);
}

real_host::~real_host() = default;

core::status real_host::open_ports() {
  if (auto opened = open_ports_at(state_.options.address); !opened) return opened;
  for (const auto& further : state_.options.further_addresses) {
    if (auto opened = open_ports_at(further.address); !opened) return opened;
  }
  if (state_.options.shard && state_.shard() == 0) {
    if (auto alone = steer(steering()); !alone) return alone;
  }
  for (const auto& s : udp_) s->start(&datagrams_);
  for (const auto& l : listeners_) scope_.spawn(l->run());
  return {};
}

core::status real_host::open_ports_at(const asio::ip::address& address) {
  const auto& p = state_.options.ports;
  for (const auto port : std::set<std::uint16_t>{p.reload, p.sip, p.stun, p.https}) {
    if (auto opened = open_udp({address, port}); !opened) return opened;
  }
  for (const auto port : std::set<std::uint16_t>{p.reload, p.sip, p.sips, p.stun, p.https, p.http}) {
    if (auto opened = open_tcp_port({address, port}); !opened) return opened;
  }
  return {};
}

core::status real_host::steer(const steering& by) {
  state_.spread = by;
  if (state_.shard() != 0) return {};
  core::status out;
  for (const auto& s : udp_) {
    if (auto done = s->steer(by); !done) out = done;
  }
  for (const auto& l : listeners_) {
    if (auto done = l->steer(by); !done) out = done;
  }
  if (!out) state_.spread = steering();
  return out;
}

core::status real_host::open_udp(const endpoint& at) {
  if (at.port == 0) return {};
  if (auto free = may_share(state_.options, at, port_use::datagrams); !free) return free;
  auto opened = udp_socket::open(state_.env, state_.metrics, arena_, at, state_.options.shard.has_value());
  if (!opened) return core::fail(opened.error());
  udp_.push_back(std::move(*opened));
  return {};
}

core::status real_host::open_tcp_port(const endpoint& at) {
  if (at.port == 0) return {};
  if (auto free = may_share(state_.options, at, port_use::streams); !free) return free;
  auto opened = port_listener::open(
      state_.env, state_.metrics, at,
      [this, port = at.port](std::shared_ptr<tcp::socket> s) { scope_.spawn(serve_connection(state_, std::move(s), port)); },
      state_.options.shard.has_value());
  if (!opened) return core::fail(opened.error());
  const int kept = at.port == state_.options.ports.reload ? descriptors_kept / 2 : descriptors_kept;
  (*opened)->keep_descriptors(kept, [this] { return state_.streams->make_room(); });
  listeners_.push_back(std::move(*opened));
  return {};
}

std::vector<asio::ip::address> real_host::addresses() const {
  std::vector<asio::ip::address> out;
  const auto advertise = [&](const asio::ip::address& address) {
    if (!address.is_unspecified()) out.push_back(address);
  };
  asio::error_code ec;
  auto address = asio::ip::make_address(state_.options.advertised_address, ec);
  if (ec) address = state_.options.address;
  if (address.is_unspecified() && dialler_.last()) address = source_towards(state_.env.get_executor(), *dialler_.last());
  advertise(address);
  for (const auto& further : state_.options.further_addresses) advertise(further.advertised.value_or(further.address));
  return out;
}

std::vector<candidate> real_host::candidates() const {
  std::vector<candidate> out;
  const auto port = state_.options.ports.reload;
  if (port == 0) return out;
  for (const auto& address : addresses()) {
    out.push_back({link_kind::dtls, {address, port}});
    out.push_back({link_kind::tls, {address, port}});
  }
  return out;
}

std::vector<datagram_port*> real_host::ports() const {
  std::vector<datagram_port*> out;
  for (const auto& socket : udp_) out.push_back(socket.get());
  return out;
}

core::result<std::shared_ptr<datagram_port>> real_host::open_port(const endpoint& at, datagram_service& by) {
  auto opened = udp_socket::open(state_.env, state_.metrics, arena_, at);
  if (!opened) return core::fail(opened.error());
  auto socket = std::move(*opened);
  socket->start(&by);
  auto* port = socket.get();
  return std::shared_ptr<datagram_port>(port, [socket = std::move(socket)](datagram_port*) { socket->close(); });
}

void real_host::probe(datagram_port& from, const endpoint& to, std::function<void()> answered) {
  stun_.probe(from, to, std::move(answered));
}

socket_load real_host::shed(const drop_rule& rule, const drop_shares& dropped) {
  socket_load all;
  for (const auto& socket : udp_) {
    const auto load = socket->shed(rule, dropped);
    all.dropped += load.dropped;
    all.filled = std::max(all.filled, load.filled);
  }
  return all;
}

core::status real_host::may_link() const {
  if (stopping_) return core::fail(errc::closed, "the host stops");
  if (!state_.tls.overlay()) return core::fail(errc::handshake_failed, "this node has no overlay certificate yet");
  return {};
}

core::status real_host::may_adopt(const adoption& how) const {
  if (auto may = may_link(); !may) return may;
  if (how.role == dtls_role::passive && state_.full()) return core::fail(errc::overloaded, "this host takes no more links");
  return {};
}

core::awaitable<core::result<std::shared_ptr<link>>> real_host::adopt(std::unique_ptr<datagram_channel> path, adoption how,
                                                                      core::time_point deadline) {
  if (auto may = may_adopt(how); !may) co_return core::fail(may.error());
  path_terms terms;
  terms.how = std::move(how);
  auto secured = co_await secure_path(state_, std::move(path), std::move(terms), deadline);
  if (!secured) co_return core::fail(secured.error());
  auto l = std::make_shared<framed_link>(state_.registry, secured->take(), std::nullopt);
  l->start();
  co_return l;
}

core::awaitable<core::result<std::unique_ptr<datagram_session>>> real_host::adopt_session(std::unique_ptr<datagram_channel> path,
                                                                                          std::string alpn, adoption how,
                                                                                          core::time_point deadline) {
  if (auto may = may_adopt(how); !may) co_return core::fail(may.error());
  path_terms terms;
  terms.how = std::move(how);
  terms.alpn = std::move(alpn);
  terms.alpn_needed = true;
  auto secured = co_await secure_path(state_, std::move(path), std::move(terms), deadline);
  if (!secured) co_return core::fail(secured.error());
  co_return std::make_unique<carrier_session>(state_.env, secured->take());
}

core::awaitable<core::result<std::shared_ptr<link>>> real_host::connect(std::vector<candidate> to,
                                                                        std::optional<identity::node_id> expected,
                                                                        core::time_point deadline) {
  if (auto may = may_link(); !may) co_return core::fail(may.error());
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
  if (auto spent = state_.dials.spend(to); !spent) co_return core::fail(spent.error());
  co_return co_await open_tcp_stream(state_.env, state_.options.address, to, deadline);
}

core::awaitable<core::result<std::unique_ptr<stream>>> real_host::open_tls(endpoint to, tls_client_options o, core::time_point deadline) {
  if (auto spent = state_.dials.spend(to); !spent) co_return core::fail(spent.error());
  const bool checked = o.verify;
  auto s = co_await open_tls_with(state_.tls, state_.options.address, to, std::move(o), deadline);
  if (s && checked) state_.dials.authenticated(to);
  co_return s;
}

core::awaitable<void> real_host::stop() {
  stopping_ = true;
  state_.acceptor = nullptr;
  for (const auto& l : listeners_) l->close();
  scope_.cancel();
  mover_.cancel();
  dialler_.cancel();
  stun_.cancel();
  dtls_links_.stop();
  state_.moves.stop();
  state_.registry->close_all();
  for (const auto& s : udp_) s->close();
  dialler_.close_sockets();
  co_await scope_.join();
  co_await stun_.join();
  co_await mover_.join();
  // Whoever waits in connect() is told, and leaves its race to the reapers on its next turn.
  while (dialler_.racing()) co_await asio::post(state_.env.get_executor(), asio::use_awaitable);
  co_await dialler_.join();
  datagrams_.clear();
  state_.stream_services.fill(nullptr);
}

}  // namespace phyllo::transport
