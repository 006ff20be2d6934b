// Makes and takes the links of one node: dials, and Attach as an overlay without ICE does it (RFC 6940 s.6.5.1, s.6.5.1.11): the sender of
// an Attach is passive, who answers it dials.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "phyllo/core/task_scope.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/transport/link.hpp"
#include "reload/attach_message.hpp"
#include "reload/attach_stamp.hpp"
#include "reload/link_attempts.hpp"
#include "reload/link_table.hpp"
#include "reload/messenger.hpp"
#include "reload/places.hpp"

namespace phyllo::overlay {

// What it asks of the topology above it, and tells it.
class link_maker_observer {
 public:
  virtual ~link_maker_observer() = default;
  [[nodiscard]] virtual places places_of(const node_id& n) const = 0;  // where it was found before, or has said that it can be
  virtual void learn_places(const node_id& n, const places& p) = 0;
  [[nodiscard]] virtual core::time_point heard(const node_id& n) const = 0;  // the last message by its link
  // A link that `n` has dialled may stay, and counts from now on against what may come.
  [[nodiscard]] virtual bool has_room_for(const node_id& n) = 0;
  // `l` is in the table now; `first`: there was none to `n` before.
  virtual void on_linked(const node_id& n, const transport::link& l, bool dialled, bool first) = 0;
  // An Attach with send_update came, and the link is there: "it MUST send an Update message back to the sender" (s.6.4.2.3).
  virtual void on_update_wanted(const node_id& n) = 0;
  [[nodiscard]] virtual bool wants_updates() const { return false; }  // by its own Attaches
};

class link_maker final : public transport::link_acceptor {
 public:
  static constexpr core::duration dial_timeout = std::chrono::seconds(5);

  // All references outlive it.
  link_maker(core::environment& env, const node_id& self, const identity::trust& trust, transport::link_layer& layer, link_table& links,
             messenger& messages, core::metrics& metrics, link_maker_observer& up);

  void start() { layer_.accept(this); }  // takes links
  core::awaitable<void> stop();          // no link is made or waited for any more

  // True: a link is there, perhaps made meanwhile by the other side. Dials `n` where it was found before, or is by what `via` has said;
  // else Attach through `via`.
  core::awaitable<bool> ensure(node_id n, std::optional<node_id> via, places said, core::time_point deadline);
  core::awaitable<bool> attach(node_id n, std::optional<node_id> via, core::time_point deadline);
  // Who is responsible for `place` (s.11.4), linked; an error: nobody has answered, or no link has come about.
  core::awaitable<core::result<node_id>> attach_to_root(resource_id place, core::time_point deadline);
  core::awaitable<bool> dial(node_id n, places to, core::time_point deadline);  // false at once: it is being dialled
  void start_dial(const node_id& n, places to);                                 // unless it is being dialled
  // Whoever is there.
  core::awaitable<core::result<node_id>> dial_anybody(places to, core::time_point deadline);

  void on_attach(const received_request& r);
  // link_acceptor
  void on_link(std::shared_ptr<transport::link> l) override { adopt(std::move(l), false); }

 private:
  core::awaitable<bool> wait(node_id n, core::time_point deadline);
  core::awaitable<void> connect(node_id n, places to, core::time_point deadline);
  core::awaitable<void> dial_asker(node_id n, places to, bool update);
  [[nodiscard]] message_contents make_attach(const destination& to) const;
  [[nodiscard]] core::bytes acceptance() const;  // the body of its answer
  // What an Attach is refused with; nothing: it is taken.
  [[nodiscard]] std::optional<message_contents> refusal(const received_request& r, const attach_message& theirs, const places& to);
  void adopt(std::shared_ptr<transport::link> l, bool dialled);

  core::environment& env_;
  node_id self_;
  const identity::trust& trust_;
  transport::link_layer& layer_;
  link_table& links_;
  messenger& messenger_;
  core::metrics& metrics_;
  link_maker_observer& up_;

  bool stopped_ = false;
  link_attempts attempts_;
  attach_book attached_;  // when others' Attach was made
  std::vector<std::pair<node_id, core::timer*>> waiters_;
  core::task_scope scope_;
};

}  // namespace phyllo::overlay
