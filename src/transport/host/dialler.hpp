// Opens authenticated carriers to other nodes: one rung, or a race of several.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/datagram_demultiplexer.hpp"
#include "host/host_state.hpp"
#include "host/reach_exchange.hpp"
#include "host/stun_server.hpp"
#include "link/carrier_race.hpp"
#include "link/rung_opener.hpp"
#include "phyllo/core/task_scope.hpp"
#include "port/udp_socket.hpp"

namespace phyllo::transport {

// To whom, and what for.
struct dial_purpose {
  std::optional<identity::node_id> expected;  // any other is a wrong_peer
  std::string alpn{alpn_reload};
};

class dialler final : private datagram_service {
 public:
  // All must outlive it.
  dialler(host_state& state, stun_server& stun, receive_arena& arena);

  // The first that authenticates. Errors as link_layer::connect() has them. Terminal cancellation abandons it.
  core::awaitable<carrier_result> race(std::vector<ladder_step> steps, dial_purpose what, core::time_point deadline);
  void cancel();                 // every race ends with errc::closed
  void close_sockets();          // once no link needs them
  core::awaitable<void> join();  // once the callers of race() have gone

  [[nodiscard]] const std::optional<endpoint>& last() const noexcept { return last_; }
  [[nodiscard]] bool racing() const noexcept { return !races_.empty(); }

 private:
  class race_guard;

  core::awaitable<carrier_result> dial(ladder_step to, dial_purpose what, core::time_point deadline, carrier_race& race);
  core::awaitable<carrier_result> dial_tls(ladder_step to, dial_purpose what, core::time_point deadline, carrier_race& race);
  core::awaitable<carrier_result> dial_dtls(endpoint to, dial_purpose what, core::time_point deadline, carrier_race& race);
  // What it proved, nothing where nobody answered: then one may still shake hands.
  core::awaitable<core::result<reach_exchange::outcome>> reach(datagram_channel& to, core::time_point deadline);
  core::result<std::shared_ptr<udp_socket>> dial_socket(const endpoint& to);
  // DTLS at those sockets: only of what was dialled.
  void on_datagram(datagram_port& port, const incoming_datagram& d) override;
  static core::awaitable<void> reap(std::shared_ptr<carrier_race> race);

  host_state& state_;
  stun_server& stun_;
  datagram_demultiplexer datagrams_;  // of the sockets: nobody else is served there
  receive_arena& arena_;
  rung_opener opener_;
  std::vector<std::shared_ptr<udp_socket>> sockets_;  // ours never meet theirs on one 5-tuple
  std::set<std::shared_ptr<carrier_race>> races_;
  core::task_scope reapers_;      // of races that are over; joined, never cancelled
  std::optional<endpoint> last_;  // that was dialled
};

}  // namespace phyllo::transport
