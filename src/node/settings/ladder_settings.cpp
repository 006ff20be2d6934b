#include "settings/ladder_settings.hpp"

#include <cstdlib>
#include <sstream>

#include "phyllo/disk/private_file.hpp"

namespace phyllo::node {
namespace {

std::string variable(const char* lower, const char* upper) {
  const char* value = std::getenv(lower);
  if (value == nullptr) value = std::getenv(upper);
  return value == nullptr ? "" : value;
}

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, ',');) {
    std::erase(item, ' ');
    if (!item.empty()) out.push_back(item);
  }
  return out;
}

std::string rungs_file(const configuration& c) { return c.in_data_directory("rungs"); }

}  // namespace

transport::ladder_options ladder_options_of(const configuration& c) {
  transport::ladder_options o{c.transport, {}};
  const auto text = c.transport.proxy.empty() ? variable("https_proxy", "HTTPS_PROXY") : c.transport.proxy;
  if (text.empty() || text == "none") return o;
  auto proxy = transport::http_proxy::parse(text);
  if (!proxy) return o;
  proxy->exempt = list_of(variable("no_proxy", "NO_PROXY"));
  proxy->exempt.insert(proxy->exempt.end(), c.transport.no_proxy.begin(), c.transport.no_proxy.end());
  o.proxy = std::move(*proxy);
  return o;
}

transport::rung_memory load_rungs(const configuration& c) {
  const auto text = disk::read_file(rungs_file(c));
  if (!text || !*text) return {};
  return transport::rung_memory::parse(**text);
}

core::status save_rungs(const configuration& c, const transport::rung_memory& m) {
  return disk::write_private_file(rungs_file(c), m.print());
}

}  // namespace phyllo::node
