#include "settings/authority_settings.hpp"

#include <fmt/format.h>

#include <asio/ip/address.hpp>

#include "phyllo/transport/endpoint.hpp"

namespace phyllo::node {
namespace {

const std::string& dialled_address(const configuration& c) {
  return c.node.advertised_address.empty() ? c.node.address : c.node.advertised_address;
}

// Where others reach the login server of this node.
std::string enrollment_url(const configuration& c) {
  if (!c.login.url.empty()) return c.login.url;
  const auto& text = dialled_address(c);
  const auto host = asio::ip::make_address(text).is_v6() ? "[" + text + "]" : text;
  return fmt::format("https://{}:{}/.well-known/reload-enroll", host, c.ports.https);
}

std::vector<identity::bootstrap_node> bootstrap_nodes(const configuration& c) {
  std::vector<identity::bootstrap_node> out{{dialled_address(c), c.ports.reload}};
  for (const auto& text : c.login.bootstrap_nodes) {
    if (const auto at = transport::endpoint::parse(text)) out.push_back({at->address.to_string(), at->port});
  }
  return out;
}

std::vector<identity::node_id> node_ids(const std::vector<std::string>& texts) {
  std::vector<identity::node_id> out;
  for (const auto& text : texts) out.push_back(*identity::node_id::from_hex(text));  // validate has seen them
  return out;
}

}  // namespace

enrollment::authority_settings authority_settings_of(const configuration& c) {
  enrollment::authority_settings s;
  s.overlay = c.overlay.name;
  s.directory = c.in_data_directory(c.login.ca_directory);
  s.enrollment_url = enrollment_url(c);
  s.bootstrap = bootstrap_nodes(c);
  s.aor_domains = c.login.aor_domains;
  s.diagnostic_nodes = node_ids(c.login.diagnostic_nodes);
  s.bad_nodes = node_ids(c.overlay.bad_nodes);
  if (!c.overlay.bad_nodes_file.empty()) s.bad_nodes_file = c.in_data_directory(c.overlay.bad_nodes_file);
  return s;
}

}  // namespace phyllo::node
