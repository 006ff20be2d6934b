#include "files/known_peers.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "phyllo/disk/private_file.hpp"

namespace phyllo::node {
namespace {

constexpr std::size_t peers_max = 64;
constexpr std::size_t reached_max = 48;  // the others are for those that are out of reach now: after a split they are the way back

std::string peers_file(const configuration& c) { return c.in_data_directory("peers"); }

std::set<identity::node_id> supernodes_of(const overlay::peer_status& s) {
  std::set<identity::node_id> out(s.attachments.begin(), s.attachments.end());
  out.insert(s.leaf_set.left.begin(), s.leaf_set.left.end());
  out.insert(s.leaf_set.right.begin(), s.leaf_set.right.end());
  for (const auto& e : s.routing_table) out.insert(e.node);
  return out;
}

// Where the supernodes that this node has links to take others, those spread over the ring where they are too many.
std::vector<transport::endpoint> reached_supernodes(const overlay::peer_status& s, std::uint16_t reload_port) {
  const auto supernodes = supernodes_of(s);
  std::map<identity::node_id, transport::endpoint> by_id;
  for (const auto& l : s.links) {
    // Links that others opened come from ephemeral ports: where such a node listens is guessed to be where we do, unless it has said.
    if (supernodes.contains(l.node))
      by_id.emplace(l.node, l.listens.empty() ? transport::endpoint{l.address.address, reload_port} : l.listens.front());
  }
  std::vector<transport::endpoint> out;
  const auto wanted = std::min(by_id.size(), reached_max);
  std::size_t at = 0;
  for (const auto& [id, where] : by_id) {
    if (out.size() * by_id.size() <= at++ * wanted) out.push_back(where);
  }
  return out;
}

}  // namespace

transport::endpoint own_endpoint(const configuration& c) {
  const auto& text = c.node.advertised_address.empty() ? c.node.address : c.node.advertised_address;
  return {asio::ip::make_address(text), c.ports.reload};
}

std::vector<transport::endpoint> interleaved(const std::vector<std::vector<transport::endpoint>>& sources) {
  std::size_t longest = 0;
  for (const auto& s : sources) longest = std::max(longest, s.size());
  std::vector<transport::endpoint> out;
  for (std::size_t i = 0; i < longest; ++i) {
    for (const auto& s : sources) {
      if (i < s.size()) out.push_back(s[i]);
    }
  }
  return out;
}

std::vector<transport::endpoint> load_known_peers(const configuration& c) {
  std::vector<transport::endpoint> out;
  const auto content = disk::read_file(peers_file(c));
  if (!content || !*content) return out;
  std::istringstream lines(**content);
  for (std::string line; std::getline(lines, line) && out.size() < peers_max;) {
    if (const auto at = transport::endpoint::parse(line)) out.push_back(*at);
  }
  return out;
}

std::vector<transport::endpoint> merge_known_peers(const std::vector<transport::endpoint>& known, const overlay::peer_status& s,
                                                   std::uint16_t reload_port) {
  auto reached = reached_supernodes(s, reload_port);
  std::vector<transport::endpoint> longest_known;
  std::ranges::copy_if(known, std::back_inserter(longest_known),
                       [&](const auto& e) { return std::ranges::find(reached, e) != reached.end(); });
  // Of an ordinary node, which hangs on a few of them only.
  for (const auto& e : s.known_places) {
    if (reached.size() < reached_max && std::ranges::find(reached, e) == reached.end()) reached.push_back(e);
  }
  std::set<transport::endpoint> taken;
  std::vector<transport::endpoint> out;
  for (const auto* places : {&std::as_const(longest_known), &std::as_const(reached), &known}) {
    std::ranges::copy_if(*places, std::back_inserter(out), [&](const auto& e) { return taken.insert(e).second; });
  }
  out.resize(std::min(out.size(), peers_max));
  return out;
}

core::status save_known_peers(const configuration& c, const overlay::peer_status& s) {
  const auto known = load_known_peers(c);
  const auto merged = merge_known_peers(known, s, c.ports.reload);
  if (merged == known) return {};
  std::string text;
  for (const auto& e : merged) text += e.text() + "\n";
  return disk::write_private_file(peers_file(c), text);
}

std::vector<transport::candidate> candidates_of(const configuration& c, const std::vector<transport::endpoint>& at) {
  const auto self = own_endpoint(c);
  std::vector<transport::candidate> out;
  std::set<transport::endpoint> seen;
  for (const auto& e : at) {
    if (e == self || !seen.insert(e).second) continue;
    out.push_back({transport::link_kind::dtls, e});
    out.push_back({transport::link_kind::tls, e});
  }
  return out;
}

}  // namespace phyllo::node
