#include "assembly/ring_search.hpp"

#include <fmt/format.h>

#include "files/known_peers.hpp"

namespace phyllo::node {

std::set<identity::node_id> leaf_set_of(const overlay::peer_status& s) {
  std::set<identity::node_id> out(s.leaf_set.left.begin(), s.leaf_set.left.end());
  out.insert(s.leaf_set.right.begin(), s.leaf_set.right.end());
  return out;
}

std::set<identity::node_id> members_of(const overlay::peer_status& s) {
  auto out = leaf_set_of(s);
  for (const auto& entry : s.routing_table) out.insert(entry.node);
  return out;
}

std::vector<transport::endpoint> places_to_try(const places_said& said, const transport::endpoint& own) {
  auto out = interleaved({said.document, said.remembered, said.discovered, said.listed});
  std::erase(out, own);
  return out;
}

std::vector<transport::endpoint> without_linked(std::vector<transport::endpoint> places, const overlay::peer_status& s) {
  std::set<transport::endpoint> linked;
  for (const auto& l : s.links) {
    linked.insert(l.address);
    linked.insert(l.listens.begin(), l.listens.end());
  }
  std::erase_if(places, [&](const auto& p) { return linked.contains(p); });
  return places;
}

std::optional<std::string> why_no_new_ring(const signs_of_others& s) {
  if (s.member) return "this node has been in the ring before";
  if (!s.places.empty()) return fmt::format("others are known, such as {}", s.places.front().text());
  if (s.records) return "there are records of an earlier time";
  return std::nullopt;
}

bool is_cut_off(const overlay::peer_status& s) { return s.client && s.attachments.empty(); }

std::optional<std::string> why_out_of_ring(const overlay::peer_status& s) {
  const bool in = s.client ? !is_cut_off(s) : s.state != overlay::peer_state::joining;
  if (in) return std::nullopt;
  if (!s.clock.empty()) return s.clock;
  return s.client ? "attached to no supernode; it looks for others" : "it has left the ring, and joins again";
}

}  // namespace phyllo::node
