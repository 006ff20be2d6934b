#include "phyllo/node/start_check.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/ip/address.hpp>
#include <filesystem>

#include "admin/admin_token.hpp"
#include "assembly/address_check.hpp"
#include "phyllo/disk/private_directory.hpp"
#include "phyllo/disk/private_file.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/node/anchor.hpp"
#include "settings/authority_settings.hpp"
#include "settings/certificate_check.hpp"

namespace phyllo::node {
namespace {

using std::filesystem::path;

bool is_there(const path& p) {
  std::error_code ec;
  return std::filesystem::exists(p, ec);
}

std::string flaw_of_directory(const path& wanted) {
  if (const auto good = disk::look_at_private_directory(wanted.string()); !good) return good.error().detail();
  if (::access(wanted.c_str(), W_OK | X_OK) == 0) return {};
  return fmt::format("{}: can not be written: is its file system mounted read-only?", wanted.string());
}

// Of the one in which it will be made.
std::string flaw_of_parent(const path& wanted) {
  auto there = wanted;
  while (!is_there(there) && there.has_relative_path()) there = there.parent_path();  // ends at the root or at what is there
  std::error_code ec;
  if (there.empty()) there = ".";
  if (!std::filesystem::is_directory(there, ec))
    return fmt::format("{}: is no directory; name another, or move that file away", there.string());
  if (::access(there.c_str(), W_OK | X_OK) == 0) return {};
  return fmt::format("{}: can not be made in {}: make it, give it to the node's user (chown), and chmod 700 it", wanted.string(),
                     there.string());
}

bool check_data_directory(const configuration& c, findings& out) {
  const path wanted = c.node.data_directory;
  const auto flaw = is_there(wanted) ? flaw_of_directory(wanted) : flaw_of_parent(wanted);
  if (!flaw.empty()) out.error("node.data_directory", flaw);
  return flaw.empty();
}

// A secret that others of this machine read is none.
void check_closed(const char* key, const std::string& file, findings& out) {
  struct stat found{};
  if (::stat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & 0007) != 0)
    out.warning(key,
                fmt::format("{}: every user of this machine can read it (mode {:04o}): chmod o= {}", file, found.st_mode & 07777, file));
}

void check_password(const configuration& c, findings& out) {
  constexpr const char* key = "node.password_file";
  const auto& file = c.node.password_file;
  if (file.empty()) return;
  const auto content = disk::read_file(file);
  if (!content) return out.error(key, content.error().detail() + "; the node's user must be able to read it");
  if (!*content) return out.error(key, file + ": there is no such file; write the account's password into its first line");
  if ((*content)->substr(0, (*content)->find_first_of("\r\n")).empty())
    return out.error(key, file + ": its first line is empty; write the account's password there");
  check_closed(key, file, out);
}

// A file that the node writes to: it, or the directory in which it will be made.
void check_writable(const char* key, const configuration& c, const std::string& name, findings& out) {
  if (name.empty()) return;
  const path file = c.in_data_directory(name);
  std::error_code ec;
  if (std::filesystem::is_directory(file, ec)) return out.error(key, file.string() + ": is a directory; name a file");
  const auto parent = file.parent_path();
  if (is_there(file) && ::access(file.c_str(), W_OK) != 0)
    return out.error(key, file.string() + ": can not be written; give it to the node's user (chown)");
  if (parent == path(c.node.data_directory) || is_there(file)) return;
  if (!std::filesystem::is_directory(parent, ec))
    return out.error(key, fmt::format("{}: there is no such directory; make it", file.string()));
  if (::access(parent.c_str(), W_OK | X_OK) != 0)
    out.error(key, fmt::format("{}: can not be made; let the node's user write to {}", file.string(), parent.string()));
}

void check_admin(core::environment& env, const configuration& c, findings& out) {
  if (const auto token = c.admin.token_file.empty() ? core::result<std::string>() : admin_token(env, c); !token)
    out.errors.push_back(token.error().detail());
  if (!c.admin.group.empty() && ::getgrnam(c.admin.group.c_str()) == nullptr)
    out.error("admin.group", fmt::format("there is no group \"{}\" on this machine; make it (groupadd {}), or name another", c.admin.group,
                                         c.admin.group));
  if (const auto address = asio::ip::make_address(c.admin.address); !address.is_loopback())
    out.warning("admin.address",
                fmt::format("{}: whoever reaches it may read status and metrics; 127.0.0.1 is for this machine alone", c.admin.address));
}

// Of the node's own account, which its operator makes before the first start, or soon after.
void check_accounts(const configuration& c, findings& out) {
  const auto file = c.in_data_directory(c.login.database);
  const auto make = fmt::format("make it: supernode user add {}{}", c.node.user,
                                c.node.domains.empty() ? "" : fmt::format(" --authority {}", fmt::join(c.node.domains, " --authority ")));
  if (!is_there(file)) return out.warning("node.user", fmt::format("there is no account {} yet; {}", c.node.user, make));
  auto accounts = enrollment::accounts::open(file, c.login.certificate_lifetime);
  if (!accounts)
    return out.error("login.database", accounts.error().message() + "; restore it from a backup, or move it away to begin anew");
  const auto known = (*accounts)->secret(c.node.user);
  if (!known && known.error() == enrollment::errc::no_such_account)
    out.warning("node.user", fmt::format("there is no account {}; {}", c.node.user, make));
}

void check_trust(const configuration& c, findings& out) {
  if (const auto anchor = load_anchor(c); !anchor) out.errors.push_back(anchor.error().detail());
  if (!c.login.enabled) return;
  if (const auto bad = enrollment::read_bad_nodes(authority_settings_of(c)); !bad)
    out.error("overlay.bad_nodes_file", bad.error().detail());
  if (const auto& name = c.overlay.bad_nodes_file; !name.empty() && !is_there(c.in_data_directory(name)))
    out.warning("overlay.bad_nodes_file", fmt::format("{}: there is no such file: nobody is revoked by it", c.in_data_directory(name)));
  check_accounts(c, out);
}

// Of the configuration of one overlay.
void check_one(core::environment& env, configuration c, findings& out) {
  // What should be in one that can not be used need not be told, too.
  if (!check_data_directory(c, out)) c.node.data_directory = "/nonexistent/phyllo";
  check_password(c, out);
  check_closed("tls.key", c.tls.key, out);
  check_certificates(env.wall_now(), c, out);
  check_trust(c, out);
  check_writable("overlay.records_file", c, c.overlay.records_file, out);
  check_writable("log.file", c, c.log.file, out);
  check_writable("debug.keylog", c, c.debug.keylog, out);
  check_writable("debug.overlay_pcap", c, c.debug.overlay_pcap, out);
}

void keep_once(std::vector<std::string>& lines) {
  std::vector<std::string> out;
  for (auto& l : lines) {
    if (std::ranges::find(out, l) == out.end()) out.push_back(std::move(l));
  }
  lines = std::move(out);
}

}  // namespace

findings check_start(core::environment& env, const configuration& c) {
  findings out;
  for (std::size_t i = 0; i < c.overlays(); ++i) check_one(env, c.of_overlay(i), out);
  check_admin(env, c, out);
  check_addresses(c, out);
  keep_once(out.errors);  // what several overlays share
  keep_once(out.failing);
  keep_once(out.warnings);
  return out;
}

}  // namespace phyllo::node
