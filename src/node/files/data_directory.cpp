#include "files/data_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include <cerrno>
#include <filesystem>

#include "files/descriptor.hpp"
#include "phyllo/core/read_file.hpp"

namespace phyllo::node {
namespace {

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {  // ends when all is written, or with an error
    const auto n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0;
}

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

void keep(kept_right kept) {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> rights{};
  rights[0].effective = rights[0].permitted = 1u << (kept == kept_right::read ? CAP_DAC_READ_SEARCH : CAP_NET_BIND_SERVICE);
  (void)::syscall(SYS_capset, &head, rights.data());  // a root without it, as in some containers, goes on without
}

// With the groups that the system gives its user, or the directory's alone where it knows none of that number.
bool take_groups(const struct stat& found) {
  const auto* user = ::getpwuid(found.st_uid);
  if (user == nullptr) return ::setgroups(0, nullptr) == 0 && ::setresgid(found.st_gid, found.st_gid, found.st_gid) == 0;
  return ::initgroups(user->pw_name, user->pw_gid) == 0 && ::setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0;
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

core::status act_as_owner(const std::string& directory, kept_right kept) {
  struct stat found{};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &found) != 0 || found.st_uid == 0) return {};
  ::prctl(PR_SET_KEEPCAPS, 1);
  if (!take_groups(found) || ::setresuid(found.st_uid, found.st_uid, found.st_uid) != 0)
    return io_error(directory, "its owner cannot be acted as");
  keep(kept);
  return {};
}

core::result<std::optional<std::string>> read_file(const std::string& path, std::size_t bytes_max) {
  auto content = core::read_file(path, bytes_max);
  if (!content) return core::fail(errc::io, content.error().detail());
  return content;
}

int open_private(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
  struct stat file{};
  if (fd >= 0 && ::fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && (file.st_mode & 0177) != 0) (void)::fchmod(fd, 0600);
  return fd;
}

core::status write_private_file(const std::string& path, std::string_view content) {
  const auto beside = path + ".new";
  {
    const descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return io_error(beside, "cannot be written");
    if (!write_all(file.get(), content)) return io_error(beside, "cannot be written");
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return io_error(path, "cannot be replaced");
  return {};
}

core::status append_private_file(const std::string& path, std::string_view content) {
  const descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (file.get() < 0 || !write_all(file.get(), content)) return io_error(path, "cannot be written");
  return {};
}

}  // namespace phyllo::node
