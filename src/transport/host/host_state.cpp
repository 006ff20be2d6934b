#include "host/host_state.hpp"

#include <algorithm>
#include <array>

#include "link/framed_link.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr std::array<std::string_view, 6> codes{"ok", "timed_out", "refused", "handshake_failed", "certificate_rejected", "wrong_peer"};

std::string_view code_of(const core::status& how) {
  if (how) return "ok";
  if (how.error() == errc::timed_out) return "timed_out";
  if (how.error() == errc::refused) return "refused";
  if (how.error() == errc::certificate_rejected) return "certificate_rejected";
  if (how.error() == errc::wrong_peer) return "wrong_peer";
  return "handshake_failed";
}

core::counter& counter_of(core::metrics& m, std::string_view transport, std::string_view code) {
  return m.get_counter("phyllo_handshakes_total", "DTLS and TLS handshakes, by outcome.",
                       {{"transport", std::string(transport)}, {"code", std::string(code)}});
}

core::counter& move_counter(core::metrics& m, link_kind to) {
  return m.get_counter("phyllo_link_moves_total", "Links of ours that went on over another carrier, by its transport.",
                       {{"transport", to == link_kind::dtls ? "dtls" : "tls"}});
}

std::size_t held_bytes_of(const host_limits& l) { return std::size_t{l.held_mib_max} << 20; }

}  // namespace

host_state::host_state(core::environment& e, host_options o, const identity::trust& trust, core::metrics& m, core::logger l)
    : env(e),
      options(std::move(o)),
      metrics(m),
      log(l.of("transport")),
      tls(e, &trust),
      registry(std::make_shared<link_registry>(e, m, options.link_idle_timeout)),
      admission(e, m, options.limits),
      dials(e, m, options),
      half_open(m),
      streams(std::make_shared<stream_places>(e, m)) {
  streams->bound_held(held_bytes_of(options.limits));
  if (options.key_log) tls.log_keys(options.key_log);
  for (const auto kind : {link_kind::dtls, link_kind::tls}) move_counter(metrics, kind);
  for (const auto code : codes) {
    counter_of(metrics, "dtls", code);
    counter_of(metrics, "tls", code);
  }
}

void host_state::count_handshake(link_kind kind, const core::status& how) {
  counter_of(metrics, kind == link_kind::dtls ? "dtls" : "tls", code_of(how)).add();
}

void host_state::count_move(link_kind to) { move_counter(metrics, to).add(); }

void host_state::note_winner(const std::string& network, rung won) {
  if (!options.rungs.note(network, won, env.wall_now())) return;
  log.debug("in this network others are reached by {}", text_of(won));
  if (options.keep_rungs) options.keep_rungs(options.rungs);
}

std::shared_ptr<stream_places::place> host_state::admit_stream(const asio::ip::address& from, std::shared_ptr<tcp::socket> socket) {
  const auto links = std::max<std::size_t>(registry->size(), options.limits.connections_max / 8);
  const auto all = options.limits.connections_max - std::min<std::size_t>(options.limits.connections_max, links);
  return streams->admit(from, std::move(socket), {all, options.limits.source_connections_max});
}

void host_state::replace_limits(const host_limits& l) {
  const auto connections_max = options.limits.connections_max;
  options.limits = l;
  options.limits.connections_max = connections_max;
  admission.set(l);
  streams->bound_held(held_bytes_of(l));
}

void host_state::hand_over(stream_kind kind, std::unique_ptr<stream> s) {
  auto* by = stream_services[static_cast<std::size_t>(kind)];
  if (by == nullptr) return metrics.drop("stream_unwanted");
  by->on_stream(std::move(s));
}

void host_state::accept_link(std::shared_ptr<frame_carrier> carrier, std::string_view alpn) {
  if (alpn == alpn_move) return moves.accept(std::move(carrier));
  if (acceptor == nullptr || full()) {
    metrics.drop(acceptor == nullptr ? "link_unwanted" : "link_over_limit");
    return carrier->close();
  }
  if (held() >= options.limits.connections_max) streams->make_room();
  log.debug("link from {} at {}", carrier->peer().node().hex(), carrier->remote().text());
  const auto l = std::make_shared<framed_link>(registry, std::move(carrier), std::nullopt);
  l->start();
  acceptor->on_link(l);
}

}  // namespace phyllo::transport
