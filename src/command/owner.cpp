#include "owner.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "phyllo/disk/descriptor.hpp"

namespace phyllo::command {
namespace {

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

core::status act_as_owner(const std::string& directory, kept_right kept) {
  struct stat found{};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &found) != 0 || found.st_uid == 0) return {};
  ::prctl(PR_SET_KEEPCAPS, 1);
  if (!take_groups(found) || ::setresuid(found.st_uid, found.st_uid, found.st_uid) != 0)
    return disk::io_error(directory, "its owner cannot be acted as");
  keep(kept);
  return {};
}

}  // namespace phyllo::command
