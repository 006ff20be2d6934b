// What the parts of one host share.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "link/dial_guard.hpp"
#include "link/frame_carrier.hpp"
#include "link/link_registry.hpp"
#include "link/move_acceptor.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/transport/host.hpp"
#include "port/admission.hpp"
#include "port/half_open.hpp"
#include "port/stream_places.hpp"
#include "tls/tls_context.hpp"

namespace phyllo::transport {

struct host_state {
  host_state(core::environment& e, host_options o, const identity::trust& trust, core::metrics& m, core::logger l);

  core::environment& env;
  host_options options;
  core::metrics& metrics;
  core::logger log;
  tls_context tls;
  std::shared_ptr<link_registry> registry;
  move_acceptor moves{registry};
  transport::admission admission;
  dial_guard dials;
  transport::half_open half_open;
  std::shared_ptr<stream_places> streams;  // accepted and open
  steering spread;                         // over the shards' hosts
  link_acceptor* acceptor = nullptr;
  std::array<stream_service*, stream_kinds> stream_services{};  // null: nobody

  // Remembers by which rung others are reached in this network.
  void note_winner(const std::string& network, rung won);
  // phyllo_link_moves_total{transport}: by what moved links go on.
  void count_move(link_kind to);
  // phyllo_handshakes_total{transport, code}.
  void count_handshake(link_kind kind, const core::status& how);
  // A place among the accepted ones, an eighth of which are kept for links. Null, and counted: known ones hold all that it might have.
  [[nodiscard]] std::shared_ptr<stream_places::place> admit_stream(const asio::ip::address& from, std::shared_ptr<tcp::socket> socket);
  // No link can be taken, not even in an idle stream's place.
  [[nodiscard]] bool full() const noexcept { return held() >= options.limits.connections_max && !streams->has_idle(); }
  [[nodiscard]] std::size_t held() const noexcept { return streams->size() + registry->size(); }
  [[nodiscard]] unsigned shard() const noexcept { return options.shard ? options.shard->index : 0; }
  // To another shard's host; where there is none it is closed.
  void pass_on(unsigned to, std::optional<moved_connection> c) {
    if (c && options.shard && options.shard->pass_on) options.shard->pass_on(to, *std::move(c));
  }
  void replace_limits(const host_limits& l);
  // Hands a stream to whoever serves it; where nobody does it is closed, and counted.
  void hand_over(stream_kind kind, std::unique_ptr<stream> s);
  // Hands a link that others opened to the overlay, or closes it; a carrier with alpn_move, to the link that moves.
  void accept_link(std::shared_ptr<frame_carrier> carrier, std::string_view alpn);
};

}  // namespace phyllo::transport
