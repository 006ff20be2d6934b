// Carries out what the machine of a Chord node wants (chord_actions.hpp), in that order, and tells it what has come of it.
#pragma once

#include <optional>
#include <set>

#include "chord/chord.hpp"
#include "chord/chord_contacts.hpp"
#include "chord/chord_presence.hpp"
#include "phyllo/core/task_scope.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class chord_performer {
 public:
  // All of it outlives this.
  chord_performer(const topology_parts& parts, chord& machine, chord_contacts& contacts, chord_presence& presence, topology_observer& up);

  void perform(const chord::actions& wanted);
  // The same of a Join, which is answered meanwhile.
  void perform(const chord::actions& wanted, const received_request& join);
  void start_from(places bootstrap) { bootstrap_ = std::move(bootstrap); }
  void seek(places place) { scope_.spawn(seek_through(std::move(place))); }  // another part of the overlay may be there
  void check(const node_id& n);                                              // a Ping by its link; who does not answer has failed
  void cancel() { scope_.cancel(); }
  core::awaitable<void> join() { return scope_.join(); }  // its coroutines

 private:
  void act(const chord_actions::find_bootstrap&);
  void act(const chord_actions::attach& a);
  void act(const chord_actions::tell& a);
  void act(const chord_actions::ask_join& a);
  void act(const chord_actions::answer_join& a);
  void act(const chord_actions::hand_over& a);
  void act(const chord_actions::copy& a);
  void act(const chord_actions::ping& a);
  void act(const chord_actions::seek&);
  void act(const chord_actions::say_leave& a);
  void act(const chord_actions::close_link& a);
  void act(const chord_actions::activated&);
  void act(const chord_actions::members_changed&) { up_.on_members_changed(); }
  void send(const node_id& n, std::uint16_t code, core::bytes body, core::duration timeout, pending_request::handler done);
  void fail(const node_id& n);
  core::awaitable<void> find_bootstrap();
  core::awaitable<void> attach(destination to, std::optional<node_id> via);
  core::awaitable<void> hand_over(node_id to, key_range keys);
  core::awaitable<void> seek_through(places place);

  core::environment& env_;
  link_table& links_;
  messenger& messenger_;
  link_maker& link_maker_;
  core::logger log_;
  chord& machine_;
  chord_contacts& contacts_;
  chord_presence& presence_;
  topology_observer& up_;
  places bootstrap_;
  const received_request* join_ = nullptr;  // that is being answered
  std::set<node_id> checking_;
  bool contacting_ = false;
  core::task_scope scope_;
};

}  // namespace phyllo::overlay
