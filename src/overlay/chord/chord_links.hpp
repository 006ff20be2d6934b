// What a Chord node notices of its links: it tells the machine, and has it told what is in doubt.
#pragma once

#include "chord/chord_performer.hpp"
#include "reload/token_bucket.hpp"

namespace phyllo::overlay {

class chord_links final : public neighbour_observer, public link_maker_observer {
 public:
  // All of it outlives this. `clients_max`: links to nodes that are no ready peers.
  chord_links(const topology_parts& parts, chord& machine, chord_contacts& contacts, chord_performer& performer, std::size_t clients_max)
      : env_(parts.env),
        links_(parts.links),
        clock_(parts.clock),
        machine_(machine),
        contacts_(contacts),
        performer_(performer),
        clients_max_(clients_max) {}

  // neighbour_observer
  void on_heard(const node_id& n) override { contacts_.note_heard(n, env_.now()); }
  void on_overdue(const node_id& n) override { performer_.check(n); }
  void on_link_closed(const node_id& n, const core::error& why) override;
  void on_unjudged(const node_id& n, const message_contents& m) override;
  void on_judged(const node_id& n) override { clock_.judged(n); }
  void on_unanswered(const node_id& n) override { performer_.check(n); }

  // link_maker_observer
  [[nodiscard]] places places_of(const node_id& n) const override { return contacts_.places_of(n); }
  void learn_places(const node_id& n, const places& p) override { contacts_.learn_places(n, p); }
  [[nodiscard]] core::time_point heard(const node_id& n) const override { return contacts_.heard(n); }
  [[nodiscard]] bool has_room_for(const node_id& n) override;
  void on_linked(const node_id& n, const transport::link& l, bool dialled, bool first) override;
  void on_update_wanted(const node_id& n) override;
  [[nodiscard]] bool wants_updates() const override { return true; }  // "the Attach with send_update" (s.10.5)

 private:
  core::environment& env_;
  link_table& links_;
  node_clock& clock_;
  chord& machine_;
  chord_contacts& contacts_;
  chord_performer& performer_;
  std::size_t clients_max_;
  token_bucket client_rate_{200, 400};  // links of those that it takes, a second and at once
};

}  // namespace phyllo::overlay
