#include "chord/chord_links.hpp"

#include <algorithm>

namespace phyllo::overlay {

void chord_links::on_link_closed(const node_id& n, const core::error& /*why*/) { performer_.perform(machine_.link_closed(n, env_.now())); }

void chord_links::on_unjudged(const node_id& n, const message_contents& /*m*/) { clock_.unjudged(n); }

bool chord_links::has_room_for(const node_id& n) {
  if (machine_.routing().is_active(n)) return true;
  if (!client_rate_.take(env_.now())) return false;
  if (links_.nodes() < clients_max_) return true;
  const auto outside = [this](const node_id& p) { return !machine_.routing().is_active(p); };
  return static_cast<std::size_t>(std::ranges::count_if(links_.peers(), outside)) < clients_max_;
}

void chord_links::on_linked(const node_id& n, const transport::link& l, bool dialled, bool first) {
  contacts_.note_heard(n, env_.now());
  contacts_.note_linked(n);
  if (dialled && contacts_.places_of(n).empty()) contacts_.learn_places(n, {{l.kind(), l.remote()}});
  if (first) performer_.perform(machine_.link_opened(n, false, env_.now()));
}

void chord_links::on_update_wanted(const node_id& n) { performer_.perform(machine_.link_opened(n, true, env_.now())); }

}  // namespace phyllo::overlay
