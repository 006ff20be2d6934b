#include "files/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <array>

#include "phyllo/disk/descriptor.hpp"
#include "phyllo/node/errc.hpp"

namespace phyllo::node {
namespace {

std::string owner_in(int fd) {
  std::array<char, 32> text{};
  const auto n = ::pread(fd, text.data(), text.size() - 1, 0);
  std::string out(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  out.resize(std::min(out.size(), out.find_first_not_of("0123456789")));
  return out.empty() ? "another process" : "process " + out;
}

}  // namespace

core::result<std::unique_ptr<directory_lock>> directory_lock::take(const std::string& directory) {
  const auto path = directory + "/lock";
  auto lock = std::make_unique<directory_lock>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  const int fd = lock->file_.get();
  if (fd < 0) return disk::io_error(path, "cannot be opened");
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return disk::io_error(path, "cannot be locked");
    return core::fail(errc::refused, fmt::format("{} is in use by {}: a data directory serves one node at a time (node.data_directory)",
                                                 directory, owner_in(fd)));
  }
  const auto text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, text.data(), text.size(), 0) < 0) return disk::io_error(path, "cannot be written");
  return lock;
}

}  // namespace phyllo::node
