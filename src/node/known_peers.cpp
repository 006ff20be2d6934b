#include "known_peers.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include "data_directory.hpp"

namespace phyllo::node {
namespace {

constexpr std::size_t peers_max = 64;

std::string peers_file(const configuration& c) { return c.in_data_directory("peers"); }

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
  const auto content = read_file(peers_file(c));
  if (!content || !*content) return out;
  std::istringstream lines(**content);
  for (std::string line; std::getline(lines, line) && out.size() < peers_max;) {
    if (const auto at = transport::endpoint::parse(line)) out.push_back(*at);
  }
  return out;
}

core::status save_known_peers(const configuration& c, const overlay::peer_status& s) {
  std::set<transport::endpoint> at;
  for (const auto& l : s.links) {
    // Links that others opened come from ephemeral ports: where such a node listens is guessed to be where we do, unless it has said.
    if (at.size() >= peers_max) break;
    at.insert(l.listens.empty() ? transport::endpoint{l.address.address, c.ports.reload} : l.listens.front());
  }
  if (at.empty()) return {};
  std::string text;
  for (const auto& e : at) text += e.text() + "\n";
  return write_private_file(peers_file(c), text);
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
