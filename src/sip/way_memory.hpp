// What this node has learnt of ways to phones by trying: which supernodes do not answer, and which contacts hear nothing that is sent to
// them straight. Pure: told what was sent and heard, it says whom to ask, and which requests are in vain.
//
// A supernode answers at once, for itself (100, or the answer to an OPTIONS). One that has said nothing for `patience` after a request went
// to it is asked; has it said nothing for `answer_time` after that, it is dead: what waits for it fails, and for `dead_for` no way through
// it is tried. Whatever it says brings it back. So a node that falls silent is left within two seconds, by the first request that meets it.
//
// A contact behind a firewall lets only its own supernode's datagrams through. That is learnt when the phone answers by its supernode what
// it did not answer when it was asked straight; the straight way is then the last one, until `deaf_for` has passed.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "dialog_token.hpp"
#include "phyllo/core/bounded_map.hpp"

namespace phyllo::sip {

class way_memory {
 public:
  static constexpr core::duration patience = std::chrono::milliseconds(500);
  static constexpr core::duration answer_time = std::chrono::milliseconds(1500);
  static constexpr core::duration dead_for = std::chrono::seconds(15);
  static constexpr core::duration deaf_for = std::chrono::minutes(30);
  static constexpr std::size_t contacts_max = 16'384;
  static constexpr std::size_t nodes_max = 4'096;
  static constexpr std::size_t waiting_max = 4'096;  // requests at one node; more share their fate by Timers B and F

  explicit way_memory(const core::hash_key& key) : key_(key), nodes_(nodes_max, key), deaf_(contacts_max, key) {}

  // A request went there. Its name comes back from on_time if the node is dead.
  void sent(const node_way& to, std::uint64_t request, core::time_point now);
  // Anything came from there.
  void heard(const identity::node_id& from);
  // No way through it is worth trying.
  [[nodiscard]] bool dead(const identity::node_id& n, core::time_point now) const;

  struct step {
    std::vector<node_way> ask;              // by a request that it answers for itself
    std::vector<std::uint64_t> in_vain;     // requests that wait for dead nodes
    std::vector<identity::node_id> gone{};  // the nodes found dead now
  };
  [[nodiscard]] step on_time(core::time_point now);
  // When on_time is due; time_point::max(): never.
  [[nodiscard]] core::time_point next_time() const noexcept { return next_; }

  // It was asked straight and by its supernode, and answered by the latter only.
  void silent(const transport::endpoint& contact, core::time_point now);
  void answered(const transport::endpoint& contact) { deaf_.erase(hash_of(contact)); }
  [[nodiscard]] bool deaf(const transport::endpoint& contact, core::time_point now) const;

 private:
  struct node_state {
    node_way way;
    std::vector<std::uint64_t> waiting;
    core::time_point due = core::time_point::max();  // to be asked, or given up
    bool asked = false;
    core::time_point dead_until{};
  };
  [[nodiscard]] std::uint64_t hash_of(const transport::endpoint& e) const;

  core::hash_key key_;
  core::bounded_map<identity::node_id, node_state> nodes_;
  core::bounded_map<std::uint64_t, core::time_point> deaf_;  // until when
  core::time_point next_ = core::time_point::max();
};

}  // namespace phyllo::sip
