#include "configuration_files.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "admin_token.hpp"
#include "data_directory.hpp"
#include "phyllo/transport/host.hpp"
#include "web_files.hpp"

namespace phyllo::node {
namespace {

std::unexpected<core::error> wrong(std::string_view key, std::string_view what) {
  return core::fail(errc::configuration, fmt::format("{}: {}", key, what));
}

// The directory itself, or the one in which it will be made.
core::status check_directory(std::string_view key, const std::filesystem::path& path) {
  std::error_code ec;
  auto there = path;
  while (!std::filesystem::exists(there, ec) && there.has_relative_path()) {  // ends at the root or at what is there
    if (ec && ec != std::errc::no_such_file_or_directory && ec != std::errc::not_a_directory) break;
    there = there.parent_path();
  }
  if (there.empty() || std::filesystem::is_directory(there, ec)) return {};
  return wrong(key, fmt::format("{}: {}", there.string(), ec ? ec.message() : "is no directory"));
}

core::status check_password(const char* key, const std::string& path) {
  if (path.empty()) return {};
  const auto content = read_file(path);
  if (!content) return wrong(key, content.error().detail());
  if (!*content) return wrong(key, path + ": there is no such file");
  if ((*content)->substr(0, (*content)->find_first_of("\r\n")).empty()) return wrong(key, path + ": its first line is empty");
  return {};
}

core::status check_web(core::environment& env, const configuration& c) {
  if (c.tls.certificate.empty()) return {};  // made at the first start
  const auto web = open_web_certificate(env, c);
  if (!web) return core::fail(web.error());
  if (const auto good = transport::check(*web); !good) return wrong("tls.certificate", c.tls.certificate + ": " + good.error().message());
  const auto ends = transport::valid_until(*web);
  if (!ends) return wrong("tls.certificate", c.tls.certificate + ": " + ends.error().message());
  if (*ends > env.wall_now()) return {};
  return wrong("tls.certificate", fmt::format("{}: it ended at {}", c.tls.certificate, core::to_iso8601(*ends)));
}

core::status check_anchors(const configuration& c) {
  for (const auto& [key, paths] : {std::pair{"bootstrap.anchors", &c.bootstrap.anchors}, std::pair{"sip.anchors", &c.sip.anchors}}) {
    if (const auto read = read_anchors(*paths, key); !read) return core::fail(read.error());
  }
  return {};
}

core::status check_log(const configuration& c) {
  if (c.log.file.empty()) return {};
  const std::filesystem::path path = c.in_data_directory(c.log.file);
  std::error_code ec;
  if (std::filesystem::is_directory(path, ec)) return wrong("log.file", path.string() + ": is a directory");
  const auto parent = path.parent_path();
  if (parent == std::filesystem::path(c.node.data_directory) || std::filesystem::is_directory(parent, ec)) return {};
  return wrong("log.file", path.string() + ": there is no such directory");
}

// Of the configuration of one overlay.
core::status check_one(core::environment& env, const configuration& c) {
  if (auto good = check_directory("node.data_directory", c.node.data_directory); !good) return good;
  if (auto good = check_password("node.password_file", c.node.password_file); !good) return good;
  if (auto good = check_web(env, c); !good) return good;
  if (auto good = check_anchors(c); !good) return good;
  return check_log(c);
}

}  // namespace

core::status check_files(core::environment& env, const configuration& c) {
  if (!c.admin.token_file.empty()) {
    if (const auto token = admin_token(env, c); !token) return core::fail(token.error());
  }
  for (std::size_t i = 0; i < c.overlays(); ++i) {
    if (auto good = check_one(env, c.of_overlay(i)); !good) return good;
  }
  return {};
}

}  // namespace phyllo::node
