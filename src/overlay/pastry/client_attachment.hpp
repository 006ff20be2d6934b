// An ordinary node, which RELOAD calls a client (RFC 6940 s.4.2; pastry.md s.9). It keeps links to a few peers, sends its requests through
// the one that is nearest to their key, and is reached by [peer, client].
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "pastry/role_parts.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/task_scope.hpp"

namespace phyllo::overlay {

class client_attachment final : public pastry_role {
 public:
  static constexpr std::size_t known_peers_max = 128;

  client_attachment(const role_parts& parts, std::size_t attachments);

  // Until it is attached, which it stays from then on; an error: not in time, or stopped.
  core::awaitable<core::status> join(places bootstrap, core::time_point deadline) override;
  void seek(places place) override;  // there, too, when it is cut off the next time
  void on_linked(const node_id&) override {}
  void on_link_closed() override { alarm_->cancel(); }
  void on_unjudged(const node_id&, const message_contents&) override {}
  [[nodiscard]] bool take_state(const node_id& from, const leaf_set_state& s, bool changed) override;  // whom it names may be attached to
  [[nodiscard]] bool has_room_for(const node_id&) override { return true; }
  [[nodiscard]] bool tells_use() const override { return false; }
  [[nodiscard]] bool forwards() const override { return false; }
  void describe(peer_status& s) const override;
  void halt() override;
  core::awaitable<void> stop() override;

 private:
  struct known_peer {
    node_id named_by;
    places at;
  };

  [[nodiscard]] std::vector<node_id> attachments() const;               // active peers that it is linked to
  [[nodiscard]] std::vector<transport::endpoint> known_places() const;  // where others are that it could attach to, one of each
  core::awaitable<core::status> attach(core::time_point deadline);
  core::awaitable<core::status> attach_anywhere(core::time_point deadline);
  core::awaitable<bool> greet(node_id n);
  void note_peer(const node_id& n, const node_id& named_by, places at);
  void ask_for_peers(const node_id& n);
  void leave_gate();
  core::awaitable<void> keep_attached();
  [[nodiscard]] std::size_t wanted_attachments() const;
  core::awaitable<void> attach_one_more();
  void set_aside_unreachable();
  core::awaitable<bool> link_to(node_id n, node_id via);
  [[nodiscard]] places some_places();
  core::awaitable<void> pause_longer();

  role_parts parts_;
  std::size_t attachments_;
  bool stopped_ = false;
  places bootstrap_;
  core::bounded_map<node_id, known_peer> known_;  // peers it is not linked to, spread over the ring
  std::optional<node_id> gate_;                   // through which it came: everybody comes through those, so it goes on to others
  std::unique_ptr<core::timer> alarm_;
  core::duration pause_{};  // before one that is cut off tries again
  core::task_scope scope_;
};

// A role_maker.
[[nodiscard]] std::unique_ptr<pastry_role> make_client_role(const role_parts& parts, const peer_options& options);

}  // namespace phyllo::overlay
