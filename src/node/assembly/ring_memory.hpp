// Whom a node is in the ring with, and where others are, kept on disk as it changes: it may be stopped at any time, and a later start finds
// the ring by it, or forms it again with those who were in it.
#pragma once

#include <optional>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/identity/node_id.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::node {

class ring_memory final : public overlay::overlay_observer {
 public:
  // References outlive it.
  ring_memory(core::environment& env, const configuration& c, core::logger log)
      : env_(env), configuration_(c), log_(std::move(log)), changed_(env, 1) {}

  void load();                           // what an earlier start has kept
  void forget() { members_.emplace(); }  // with whom it was: it begins the ring anew
  // Nothing: it was in no ring, by what it knows.
  [[nodiscard]] const std::optional<std::vector<identity::node_id>>& members() const noexcept { return members_; }
  [[nodiscard]] bool others_known() const noexcept { return others_known_; }  // by their places

  // Of a node that has joined by `p`, which outlives this coroutine. Once; ends by cancellation.
  core::awaitable<void> keep(overlay::peer& p);

  // overlay_observer
  void on_members_changed() override { changed_.push(true); }

 private:
  void save_places(const overlay::peer_status& now);
  void save_members();

  core::environment& env_;
  const configuration& configuration_;
  core::logger log_;
  std::optional<std::vector<identity::node_id>> members_;
  bool others_known_ = false;
  core::mailbox<bool> changed_;  // the leaf set has
};

}  // namespace phyllo::node
