#include "files/known_members.hpp"

#include <fmt/format.h>

#include <sstream>

#include "phyllo/disk/private_file.hpp"

namespace phyllo::node {
namespace {

std::string members_file(const configuration& c) { return c.in_data_directory("members"); }

}  // namespace

known_members::known_members(const std::vector<identity::node_id>& kept, core::time_point now) {
  for (const auto& n : kept) seen_[n] = now;
}

void known_members::see(const std::vector<identity::node_id>& members, core::time_point now) {
  for (const auto& n : members) seen_[n] = now;
  std::erase_if(seen_, [&](const auto& s) { return now - s.second >= remembered; });
}

std::vector<identity::node_id> known_members::all() const {
  std::vector<identity::node_id> out;
  for (const auto& [n, when] : seen_) out.push_back(n);
  return out;
}

core::result<std::optional<std::vector<identity::node_id>>> load_known_members(const configuration& c) {
  const auto content = disk::read_file(members_file(c));
  if (!content) return core::fail(content.error());
  if (!*content) return std::optional<std::vector<identity::node_id>>();
  std::vector<identity::node_id> out;
  std::istringstream lines(**content);
  for (std::string line; std::getline(lines, line);) {
    const auto n = identity::node_id::from_hex(line);
    if (!n) return core::fail(disk::errc::io, fmt::format("{}: \"{}\" is no Node-ID", members_file(c), line));
    out.push_back(*n);
  }
  return std::optional(std::move(out));
}

core::status save_known_members(const configuration& c, const std::vector<identity::node_id>& members) {
  std::string text;
  for (const auto& n : members) text += n.hex() + "\n";
  return disk::write_private_file(members_file(c), text);
}

}  // namespace phyllo::node
