#include "known_peers.hpp"

#include <set>
#include <sstream>

#include "data_directory.hpp"

namespace phyllo::node {
namespace {

constexpr std::size_t peers_max = 64;

std::string file_of(const configuration& c) { return c.in_data_directory("peers"); }

transport::endpoint own_endpoint(const configuration& c) {
  const auto& text = c.node.advertised_address.empty() ? c.node.address : c.node.advertised_address;
  return {asio::ip::make_address(text), c.ports.reload};
}

}  // namespace

std::vector<transport::endpoint> load_known_peers(const configuration& c) {
  std::vector<transport::endpoint> out;
  const auto content = read_file(file_of(c));
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
    // Links that others opened come from ephemeral ports: where they listen is guessed to be where we do.
    if (at.size() < peers_max) at.insert({l.address.address, c.ports.reload});
  }
  if (at.empty()) return {};
  std::string text;
  for (const auto& e : at) text += e.text() + "\n";
  return write_private_file(file_of(c), text);
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
