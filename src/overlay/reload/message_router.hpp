// Where messages go (RFC 6940 s.6.1): from a link to a link in one pass, to this node, or held; once more and another way when a link has
// not acknowledged (MSPastry's per-hop acknowledgements). It starts no coroutine.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "reload/forward_buffer.hpp"
#include "reload/held_messages.hpp"
#include "reload/link_table.hpp"
#include "reload/message_counters.hpp"
#include "reload/message_refusals.hpp"
#include "reload/token_bucket.hpp"
#include "reload/topology.hpp"

namespace phyllo::overlay {

// What the router hands on.
class router_observer {
 public:
  virtual ~router_observer() = default;
  // A message is for this node. `from`: by whose link it came; none: this node's own.
  virtual void on_arrived(const forwarding_header& h, const payload_ptr& payload, const std::optional<node_id>& from) = 0;
  virtual void on_held() = 0;  // held_until() may be earlier now
};

class message_router {
 public:
  // All references outlive it. `forwards`: as messenger_options.
  message_router(core::environment& env, bool forwards, topology& where, link_table& links, const message_maker& maker,
                 message_counters& counters, router_observer& up);

  // `link_only`: by the link of the destination or not at all. `except`: not to this node, which has the message already. What is given is
  // the next hop, of a message that went to one.
  std::optional<node_id> route(forwarding_header h, payload_ptr payload, const std::optional<node_id>& from, bool link_only = false,
                               const node_id* except = nullptr);
  // By this very link. False: it takes no more.
  bool send_by(transport::link& l, const forwarding_header& h, const payload_ptr& payload, bool link_only);
  // An error on behalf of a destination that the request can not reach.
  void refuse(const forwarding_header& h, core::byte_view payload, const std::optional<node_id>& from, std::uint16_t error,
              std::string_view info);

  // The copy that is kept under this token is not needed any more.
  void forget(std::uint64_t token) { kept_.take(token); }
  // The link to `node` owes the ACK of this one: it is sent another way as well, if there is one.
  void detour(std::uint64_t token, const node_id& node);
  // Of a link that has closed.
  [[nodiscard]] std::vector<kept_message> take_kept(const transport::link& l) { return kept_.take_of(&l); }
  void detour_all(std::vector<kept_message> left, const node_id& node, const core::error& why);

  // The ring has changed: asks again what is to become of held messages.
  void release_held();
  void expire_held(core::time_point now) { held_.expire(now); }
  [[nodiscard]] core::time_point held_until() const { return held_.next_due(); }
  void stop() { held_.clear(); }

 private:
  std::optional<node_id> forward(forwarding_header h, payload_ptr payload, const node_id& next, const std::optional<node_id>& from,
                                 bool link_only);
  [[nodiscard]] bool take_on(forwarding_header& h, core::byte_view payload, const node_id& from);  // of another; false: dropped
  bool send(const forwarding_header& h, const payload_ptr& payload, const node_id& next, bool link_only);
  void hold(forwarding_header h, payload_ptr payload, const std::optional<node_id>& from);
  void reroute(kept_message m, const node_id& away_from, const core::error* closed = nullptr);
  [[nodiscard]] bool passed_before(const forwarding_header& h) const;  // here
  void skip_dead(forwarding_header& h) const;
  [[nodiscard]] bool refuse_diagnosis(const forwarding_header& h, core::byte_view payload, const node_id& from);
  [[nodiscard]] bool refuse_misrouted(const forwarding_header& h, core::byte_view payload, const node_id& from);
  void undeliverable(const forwarding_header& h, core::byte_view payload, const std::optional<node_id>& from, std::string_view reason,
                     std::uint16_t error = error_code::underlay_destination_unreachable);
  [[nodiscard]] bool waits_for_its_link(const kept_message& m, const node_id& node) const;

  core::environment& env_;
  bool forwards_;
  topology& topology_;
  link_table& links_;
  message_counters& counters_;
  router_observer& up_;
  message_refusals refusals_;
  forward_buffer kept_;
  held_messages held_;
  // For messages whose ACK is late. In a busy overlay all are, and a copy of each at every hop would be its collapse.
  token_bucket detours_{200, 400};
};

}  // namespace phyllo::overlay
