#include "user_list.hpp"

#include <fmt/format.h>

#include "phyllo/core/errc.hpp"

namespace phyllo::load {
namespace {

std::string numbered(std::string_view pattern, std::size_t number) {
  const auto at = pattern.find("{}");
  if (at == std::string_view::npos) return std::string(pattern);
  return fmt::format("{}{}{}", pattern.substr(0, at), number, pattern.substr(at + 2));
}

}  // namespace

std::vector<user> users_of_pattern(std::string_view name, std::string_view password, std::size_t count) {
  std::vector<user> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) out.push_back({numbered(name, i), numbered(password, i)});
  return out;
}

core::result<std::vector<user>> users_of_csv(std::string_view text) {
  std::vector<user> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const auto comma = line.find(',');
    const auto name = line.substr(0, std::min(line.find('@'), comma));
    if (comma == std::string_view::npos || name.empty())
      return core::fail(core::errc::malformed, fmt::format("line {} of the users' file: write it as user,password", number));
    const auto rest = line.substr(comma + 1);
    out.push_back({std::string(name), std::string(rest.substr(0, rest.find(',')))});
  }
  if (out.empty()) return core::fail(core::errc::malformed, "the users' file has no users: write a line user,password for each");
  return out;
}

}  // namespace phyllo::load
