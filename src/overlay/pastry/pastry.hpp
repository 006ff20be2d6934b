// The Pastry topology plug-in of one node: joining, the leaf set and routing table's upkeep, failure detection and
// leaving (src/overlay/pastry.md). The shell around the pure machines it owns.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "pastry/client_attachment.hpp"
#include "pastry/failure_detector.hpp"
#include "pastry/failure_rumours.hpp"
#include "pastry/joiner_grant.hpp"
#include "pastry/ring_estimates.hpp"
#include "pastry/ring_formation.hpp"
#include "pastry/ring_view.hpp"
#include "pastry/table_filling.hpp"
#include "pastry/topology_messages.hpp"
#include "pastry/upkeep_schedule.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/task_scope.hpp"
#include "reload/loss_burst.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class pastry final : public topology_plugin,
                     public ring_knowledge,
                     public link_carrier,
                     public neighbour_observer,
                     public link_maker_observer,
                     public client_surroundings {
 public:
  pastry(const topology_parts& parts, const peer_options& options, topology_observer& up);

  // topology_plugin
  [[nodiscard]] topology& routes() noexcept override { return ring_; }
  [[nodiscard]] const ring_knowledge& knows() const noexcept override { return *this; }
  [[nodiscard]] link_carrier& carries() noexcept override { return *this; }
  [[nodiscard]] neighbour_observer& hears() noexcept override { return *this; }
  [[nodiscard]] link_maker_observer& links() noexcept override { return *this; }
  void start() override;
  core::awaitable<core::status> join(places bootstrap, core::time_point deadline) override;
  void form() noexcept override { form_asked_ = true; }
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

  // ring_knowledge
  [[nodiscard]] peer_state state() const override { return state_; }
  [[nodiscard]] bool active() const override { return ring_.active; }
  [[nodiscard]] std::vector<member> members() const override;
  [[nodiscard]] std::vector<node_id> adjacent() const override;
  [[nodiscard]] std::vector<node_id> neighbours() const override { return ring_.leafs.members(); }
  [[nodiscard]] std::vector<node_id> far_peers() const override;
  [[nodiscard]] double responsible_share() const override;
  [[nodiscard]] core::duration round_trip(const node_id& to) const override;
  [[nodiscard]] bool has_failed(const node_id& n) const override;
  [[nodiscard]] node_id next_peer(const destination& d) const override;
  [[nodiscard]] places heard_places(const node_id& n) const override { return ring_.heard_places(n); }
  void describe(peer_status& s) const override;

  // link_carrier
  core::awaitable<core::result<core::bytes>> ask_on_link(node_id with, link_subject what, core::bytes question,
                                                         core::time_point deadline) override;
  void answer_on_link(const received_request& r, link_subject what, core::bytes content) override;
  void announce_synced(const arc& where, std::uint64_t view) override;
  void announce_revocations(const std::vector<node_id>& to, core::bytes announcement) override;
  void reconcile(const node_id& n) override;
  void remind_unsynced(const node_id& n) override { probe(n, leaf_set_state::flag_unsynced); }

  // neighbour_observer
  void on_heard(const node_id& n) override;
  void on_overdue(const node_id& n) override;
  void on_link_closed(const node_id& n, const core::error& why) override;
  void on_unjudged(const node_id& n, const message_contents& m) override;
  void on_judged(const node_id& n) override { clock_.judged(n); }
  void on_unanswered(const node_id& n) override;

  // client_surroundings
  core::awaitable<core::result<node_id>> discover(places bootstrap, core::time_point deadline) override;
  void ask_for_state(const node_id& n) override { probe(n); }
  [[nodiscard]] bool asked(const node_id& n) const override { return probes_open_.contains(n) || meeting_.contains(n); }
  [[nodiscard]] bool failed(const node_id& n) const override { return failed_.contains(n); }

  // link_maker_observer
  [[nodiscard]] places places_of(const node_id& n) const override;
  void learn_places(const node_id& n, const places& p) override { ring_.learn_places(n, p); }
  [[nodiscard]] core::time_point heard(const node_id& n) const override;
  [[nodiscard]] bool has_room_for(const node_id& n) override;
  void on_linked(const node_id& n, const transport::link& l, bool dialled, bool first) override;
  void on_update_wanted(const node_id& n) override { send_tables({destination::to_node(n)}); }

 private:
  // pastry.cpp
  core::awaitable<core::status> attach_as_client(places bootstrap, core::time_point deadline);
  core::awaitable<core::result<answer>> ask(destination_list to, message_contents m, core::time_point deadline,
                                            messenger::request_options o = messenger::request_options());
  void activate();
  [[nodiscard]] leaf_set_state my_state(std::uint8_t flags = 0) const;
  // With whether this node needs the link to `n`, which is told by it.
  [[nodiscard]] leaf_set_state my_state_for(const node_id& n, std::uint8_t flags = 0);
  [[nodiscard]] bool uses(const node_id& n) const { return ring_.leafs.contains(n) || ring_.table.contains(n); }
  void members_changed();
  [[nodiscard]] std::string waits_for() const;  // whom a node waits for that was a member of a ring, for people

  // pastry_views.cpp: what others' states teach
  void learn(const node_id& from, const leaf_set_state& s);
  bool learn_state(const node_id& from, const leaf_set_state& s);
  [[nodiscard]] bool fits_beside_met(const node_id& n) const;
  // `n` is the one at `index` of those whose places are in `named`.
  void consider(const node_id& n, const node_id& named_by, const place_list& named = {}, std::size_t index = 0);
  [[nodiscard]] leaf_set leafs_of(const node_id& n, const leaf_set_state& s) const;
  void help(const node_id& n, const leaf_set_state& s);
  void probe(const node_id& n, std::uint8_t flags = 0);  // RouteQuery(probe) by its link; returns at once
  void on_probe_answer(const node_id& n, const core::result<answer>& a);
  void take_probe_answer(const node_id& n, const core::result<answer>& a);
  core::awaitable<void> meet(node_id n, node_id named_by, places at);
  void refill();

  // pastry_links.cpp
  void send_tables(const destination_list& to);
  void close_unused();

  // pastry_requests.cpp: what others ask
  [[nodiscard]] bool counts(const received_request& r);
  void on_probe(const received_request& r, const route_query_request& q);

  // pastry_admission.cpp: who is a peer, and whom the leaf set takes
  [[nodiscard]] static bool acts_as_peer(const route_query_request& q);
  void judge(const node_id& n, const leaf_set_state& s);
  [[nodiscard]] bool believed(const signed_grant& g, const grant_terms& t) const;
  [[nodiscard]] bool was_member(const node_id& n) const;
  [[nodiscard]] bool vouches(const node_id& n) const;
  [[nodiscard]] bool lost_a_side() const;
  void begin_again();
  void ask_about(const node_id& n);
  void seek_grant(const node_id& n, const leaf_set_state& s);
  void keep_grants(const node_id& from, const std::vector<signed_grant>& granted);
  // What is given to `joiner`: one, or none.
  [[nodiscard]] std::vector<signed_grant> grant(const node_id& joiner, const leaf_set_state& s);
  void end_grants(const node_id& n, bool admitted);
  void expire_grants(core::time_point now);

  // pastry_join.cpp
  core::awaitable<core::status> join_once(std::vector<transport::candidate> bootstrap, core::time_point deadline);
  core::awaitable<core::result<node_id>> find_root(node_id first, core::time_point deadline);
  core::awaitable<core::result<answer>> ask_for_rows(node_id first, node_id at, places where, core::time_point deadline);
  core::awaitable<core::status> be_admitted(node_id root, core::time_point deadline);
  [[nodiscard]] bool all_answered() const;
  core::awaitable<void> probes_answered(core::time_point deadline);
  core::awaitable<core::status> settle_between_neighbours(core::time_point deadline);
  core::awaitable<bool> be_granted(node_id neighbour, core::time_point deadline);
  [[nodiscard]] std::pair<node_id, node_id> sides() const;  // the next on each, in the order of their Node-IDs
  void withdraw();
  void give_back_beyond(const node_id& neighbour);

  // pastry_form.cpp: a ring that was down as a whole
  core::awaitable<void> gather();
  [[nodiscard]] std::vector<ring_formation::waiting> waiting_here() const;
  [[nodiscard]] bool begins_the_ring();
  [[nodiscard]] core::error nobody_active() const;
  [[nodiscard]] bool knows_active() const;
  [[nodiscard]] std::string members_missing() const;
  [[nodiscard]] bool linked_at(const transport::candidate& c) const;

  // pastry_clock.cpp: clocks, and members that are deaf
  void note_clock(const node_id& n, const leaf_set_state& s);
  void watch_clock(core::time_point now);
  [[nodiscard]] bool blind();
  core::awaitable<void> rejoin();
  void note_answer(const node_id& n, bool answered);
  void ask_deaf(const node_id& n);

  // pastry_failure.cpp
  void suspect(const node_id& n, suspicion why);
  void alive(const node_id& n);
  void fail(const node_id& n, suspicion why);
  void hear_of_failures(const node_id& from, const leaf_set_state& s);
  void add_entrants(std::vector<node_id>& told, const std::vector<node_id>& before, const std::set<node_id>& informed) const;
  void ask_edges();
  void run_detector(core::time_point now);
  void ask_again(const node_id& n);
  void give_up(const node_id& n, suspicion why);
  void ask_around(const node_id& n);
  void note_around(const node_id& n, const node_id& via);
  void ask_through(const node_id& n, const node_id& via);
  void take_back(const node_id& n, const node_id& via, std::uint32_t incarnation);
  core::awaitable<void> link_again(node_id n, node_id via);

  // pastry_upkeep.cpp
  void plan_upkeep();
  void tick(core::time_point now);
  void tend_ring(core::time_point now);
  void tend_rows(core::time_point now);
  void heartbeat(core::time_point now);
  void probe_table(core::time_point now);
  // `given`: it is of those given at the start.
  [[nodiscard]] std::vector<transport::candidate> place_to_seek(core::time_point now, bool& given);
  core::awaitable<void> seek_partition(std::vector<transport::candidate> place, bool given);
  core::awaitable<void> find_own_place(node_id through);
  void forget_old(core::time_point now);

  core::environment& env_;
  std::shared_ptr<const identity::credential> self_;
  identity::trust& trust_;
  transport::link_layer& layer_;
  core::metrics& metrics_;
  core::logger log_;
  peer_options options_;
  topology_observer& up_;

  ring_view ring_;
  link_table& links_;
  messenger& messenger_;
  link_maker& link_maker_;
  node_clock& clock_;
  failure_detector detector_;
  joiner_grant admission_;            // as a root: one joiner at a time
  joiner_grant grant_;                // as a neighbour
  std::vector<signed_grant> grants_;  // by which this node was admitted
  peer_state state_ = peer_state::joining;
  std::uint32_t incarnation_ = 0;

  std::map<node_id, unsigned> probes_open_;
  std::set<node_id> meeting_;
  template <class Value>
  using node_table = core::bounded_map<node_id, Value>;  // others name nodes as they like
  node_table<core::time_point> unmet_;                   // could not be linked; not tried again until then
  node_table<core::time_point> failed_;                  // and until when they are named so
  failure_rumours rumours_;
  failure_history failures_;
  lost_nodes lost_;
  std::vector<transport::candidate> bootstrap_;
  loss_burst losses_;  // of members of L: many at once are hardly all dead

  table_filling table_;
  unsigned comparisons_ = 0;                 // by the clock since then
  std::optional<ring_formation> formation_;  // of a joiner that was a member before
  bool gathering_ = false;                   // its coroutine runs
  bool looked_ = false;                      // for an active node, in vain
  node_id first_;                            // of a joiner: through whom it asked its way to its place
  bool form_asked_ = false;                  // by whoever runs this node
  std::set<node_id> granted_by_;             // of a joiner: who grants it now
  using probed = std::pair<node_id, leaf_set_state>;
  std::vector<probed> join_states_;  // of a joiner: the latest state of each node that answered its probe

  std::optional<client_attachment> client_;  // of an ordinary node
  token_bucket client_rate_{200, 400};       // of a peer: links of clients that it takes, a second and at once
  token_bucket update_rate_{20, 40};         // tables that others have it send

  core::time_point started_{};
  upkeep_schedule upkeep_;
  node_id watched_{};  // the right neighbour, and since when it is
  core::time_point watched_since_{};
  core::task_scope scope_;
};

}  // namespace phyllo::overlay
