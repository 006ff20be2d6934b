// An ordinary node, which RELOAD calls a client (RFC 6940 s.4.2; pastry.md s.9). It keeps links to a few peers, sends its requests through
// the one that is nearest to their key, and is reached by [peer, client].
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "pastry/bootstrap_finder.hpp"
#include "pastry/lost_nodes.hpp"
#include "pastry/state_asker.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/task_scope.hpp"
#include "reload/link_maker.hpp"

namespace phyllo::overlay {

struct client_parts {
  core::environment& env;
  ring_view& ring;
  link_table& links;
  link_maker& making;
  messenger& messages;
  const bootstrap_finder& finder;
  lost_nodes& lost;
  core::logger log;
};

class client_attachment {
 public:
  static constexpr std::size_t known_peers_max = 128;

  client_attachment(const client_parts& parts, std::size_t attachments, state_asker& up);

  // Until it is attached, which it stays from then on; an error: not in time, or stopped.
  core::awaitable<core::status> attach(places bootstrap, core::time_point deadline);
  void halt();                   // it does nothing any more
  core::awaitable<void> stop();  // and joins its coroutines

  [[nodiscard]] std::vector<node_id> attachments() const;               // active peers that it is linked to
  [[nodiscard]] std::vector<transport::endpoint> known_places() const;  // where others are that it could attach to, one of each
  void note_peers(const node_id& named_by, const leaf_set_state& s);
  void on_link_closed() { alarm_->cancel(); }
  void start_from(places bootstrap) { bootstrap_ = std::move(bootstrap); }  // when it is cut off the next time

 private:
  struct known_peer {
    node_id named_by;
    places at;
  };

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

  client_parts parts_;
  std::size_t attachments_;
  state_asker& up_;
  bool stopped_ = false;
  places bootstrap_;
  core::bounded_map<node_id, known_peer> known_;  // peers it is not linked to, spread over the ring
  std::optional<node_id> gate_;                   // through which it came: everybody comes through those, so it goes on to others
  std::unique_ptr<core::timer> alarm_;
  core::duration pause_{};  // before one that is cut off tries again
  core::task_scope scope_;
};

}  // namespace phyllo::overlay
