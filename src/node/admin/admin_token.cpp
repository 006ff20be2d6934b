#include "admin/admin_token.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>

#include "phyllo/core/bytes.hpp"
#include "phyllo/disk/private_file.hpp"

namespace phyllo::node {
namespace {

constexpr std::size_t token_bytes_least = 16;

std::unexpected<core::error> refused(const std::string& path, std::string_view why) {
  return core::fail(errc::configuration, fmt::format("admin.token_file: {}: {}", path, why));
}

core::result<std::string> made_token(core::environment& env, const std::string& path) {
  std::array<std::uint8_t, 32> secret{};
  env.random(secret);
  auto token = core::to_hex(secret);
  if (auto written = disk::write_private_file(path, token + "\n"); !written) return core::fail(written.error());
  return token;
}

}  // namespace

core::result<std::string> admin_token(core::environment& env, const configuration& c) {
  const bool configured = !c.admin.token_file.empty();
  const auto path = c.in_data_directory(configured ? c.admin.token_file : "admin.token");
  const auto content = disk::read_file(path);
  if (!content) return configured ? refused(path, content.error().message()) : core::fail(content.error());
  if (!*content)
    return configured ? refused(path, "no such file; make one: (umask 077; openssl rand -hex 32 > " + path + ")") : made_token(env, path);
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0 || (file.st_mode & 0007) != 0) return refused(path, "others can read it: chmod o= " + path);
  const auto token = (*content)->substr(0, (*content)->find_first_of("\r\n"));
  if (token.size() < token_bytes_least)
    return refused(path, fmt::format("expected a first line of {} characters or more", token_bytes_least));
  return token;
}

}  // namespace phyllo::node
