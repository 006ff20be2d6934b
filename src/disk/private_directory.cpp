#include "phyllo/disk/private_directory.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "phyllo/disk/descriptor.hpp"

namespace phyllo::disk {
namespace {

std::string user_name(uid_t id) {
  const auto* entry = ::getpwuid(id);
  return entry != nullptr ? fmt::format("{} ({})", entry->pw_name, id) : fmt::format("{}", id);
}

core::status judge(const std::string& path, const struct stat& found) {
  const auto wrong = [&](std::string why) { return core::fail(errc::io, fmt::format("{}: {}", path, why)); };
  if (!S_ISDIR(found.st_mode)) return wrong("is no directory; the node keeps its secrets in one: name another as node.data_directory");
  if (found.st_uid != ::geteuid())
    return wrong(fmt::format("belongs to user {}, this process to {}: run it as that user, or give it the directory by chown",
                             user_name(found.st_uid), user_name(::geteuid())));
  if ((found.st_mode & 0067) != 0)
    return wrong(
        fmt::format("other users may look into it (mode {:04o}), and the node keeps its secrets there: close it by chmod 700, or "
                    "name another as node.data_directory",
                    found.st_mode & 07777));
  return {};
}

}  // namespace

core::status make_private_directory(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  std::error_code ec;
  if (!parent.empty()) std::filesystem::create_directories(parent, ec);  // mkdir(2) tells what went wrong
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return io_error(path, "cannot be made");
  return look_at_private_directory(path);
}

core::status look_at_private_directory(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return io_error(path, "cannot be looked at");
  return judge(path, found);
}

core::result<std::vector<std::string>> close_files(const std::string& directory, const std::string& log_file) {
  std::vector<std::string> changed;
  std::error_code ec;
  std::filesystem::directory_iterator entry(directory, ec);
  for (const std::filesystem::directory_iterator end; !ec && entry != end; entry.increment(ec)) {
    const auto path = entry->path().string();
    struct stat file{};
    if (::lstat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode) || file.st_uid != ::geteuid()) continue;
    const mode_t others = file.st_mode & (path == log_file ? 0037 : 0077);
    if (others == 0) continue;
    if (::chmod(path.c_str(), file.st_mode & 0777 & ~others) != 0) return io_error(path, "cannot be closed to others");
    changed.push_back(path);
  }
  if (ec) return core::fail(errc::io, fmt::format("{}: cannot be listed: {}", directory, ec.message()));
  return changed;
}

core::status admit_group(const std::string& directory, unsigned group) {
  if (::chown(directory.c_str(), static_cast<uid_t>(-1), group) == 0 && ::chmod(directory.c_str(), 0710) == 0) return {};
  return io_error(directory,
                  fmt::format("cannot be given to the group {} of admin.group, of which the node's user must be a member", group));
}

}  // namespace phyllo::disk
