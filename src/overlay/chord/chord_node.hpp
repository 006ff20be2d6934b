// One node of an overlay of CHORD-RELOAD (RFC 6940 s.10): the shell around the machine `chord`. It tells the machine what comes and what
// time it is, and carries out what the machine wants, in that order.
#pragma once

#include <memory>
#include <optional>
#include <set>

#include "chord/chord.hpp"
#include "chord/chord_carrier.hpp"
#include "chord/chord_contacts.hpp"
#include "chord/chord_knowledge.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/identity/configuration.hpp"
#include "reload/token_bucket.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class chord_node final : public topology_plugin, public neighbour_observer, public link_maker_observer {
 public:
  chord_node(const topology_parts& parts, const identity::chord_settings& settings, const peer_options& options, topology_observer& up);

  // topology_plugin
  [[nodiscard]] topology& routes() noexcept override { return machine_.routing(); }
  [[nodiscard]] const ring_knowledge& knows() const noexcept override { return knowledge_; }
  [[nodiscard]] link_carrier& carries() noexcept override { return carrier_; }
  [[nodiscard]] const replica_places* copies() const noexcept override { return &knowledge_; }
  [[nodiscard]] neighbour_observer& hears() noexcept override { return *this; }
  [[nodiscard]] link_maker_observer& links() noexcept override { return *this; }
  void start() override;
  core::awaitable<core::status> join(places bootstrap, core::time_point deadline) override;
  void form() override;
  void seek(places place) override;
  void say_leave() override;
  void drop_revoked() override;
  void halt() override;
  core::awaitable<void> stop() override;
  void run_due(core::time_point now) override;
  [[nodiscard]] core::time_point next_due() const override;
  void on_join(const received_request& r) override;
  void on_leave(const received_request& r) override;
  void on_update(const received_request& r) override;
  void on_route_query(received_request r) override;
  void refuse_client(const received_request& r) override;

  // neighbour_observer
  void on_heard(const node_id& n) override { contacts_.note_heard(n, env_.now()); }
  void on_overdue(const node_id& n) override { check(n); }
  void on_link_closed(const node_id& n, const core::error& why) override;
  void on_unjudged(const node_id& n, const message_contents& m) override;
  void on_judged(const node_id& n) override { clock_.judged(n); }
  void on_unanswered(const node_id& n) override { check(n); }

  // link_maker_observer
  [[nodiscard]] places places_of(const node_id& n) const override { return contacts_.places_of(n); }
  void learn_places(const node_id& n, const places& p) override { contacts_.learn_places(n, p); }
  [[nodiscard]] core::time_point heard(const node_id& n) const override { return contacts_.heard(n); }
  [[nodiscard]] bool has_room_for(const node_id& n) override;
  void on_linked(const node_id& n, const transport::link& l, bool dialled, bool first) override;
  void on_update_wanted(const node_id& n) override;
  [[nodiscard]] bool wants_updates() const override { return true; }  // "the Attach with send_update" (s.10.5)

 private:
  // chord_node.cpp
  // Whether the request counts: a message of the ring, of a peer, on its own link. Else it is refused.
  [[nodiscard]] bool counts(const received_request& r);
  void check(const node_id& n);  // a Ping by its link; who does not answer has failed
  void fail(const node_id& n);

  // chord_actions.cpp
  void perform(const chord::actions& wanted);
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
  void act(const chord_actions::members_changed&);
  void send(const node_id& n, std::uint16_t code, core::bytes body, core::duration timeout, pending_request::handler done);
  core::awaitable<void> find_bootstrap();
  core::awaitable<void> attach(destination to, std::optional<node_id> via);
  core::awaitable<void> hand_over(node_id to, key_range keys);
  core::awaitable<void> seek_through(places place);

  core::environment& env_;
  std::shared_ptr<const identity::credential> self_;
  identity::trust& trust_;
  link_table& links_;
  messenger& messenger_;
  link_maker& link_maker_;
  node_clock& clock_;
  core::metrics& metrics_;
  core::logger log_;
  topology_observer& up_;
  bool first_, client_;
  std::size_t clients_max_;

  peer_state state_ = peer_state::joining;
  chord machine_;
  chord_contacts contacts_;
  chord_knowledge knowledge_;
  chord_carrier carrier_;
  places bootstrap_;
  const received_request* join_ = nullptr;  // that is being judged
  std::set<node_id> checking_;
  bool contacting_ = false;
  token_bucket client_rate_{200, 400};  // links of clients that it takes, a second and at once
  token_bucket update_rate_{20, 40};    // Updates that others have it send
  core::time_point next_tidying_{};
  std::unique_ptr<core::timer> joined_;
  core::task_scope scope_;
};

}  // namespace phyllo::overlay
