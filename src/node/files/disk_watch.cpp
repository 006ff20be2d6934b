#include "files/disk_watch.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "phyllo/disk/descriptor.hpp"

namespace phyllo::node {
namespace {

constexpr auto every = std::chrono::seconds(5);
constexpr std::size_t probe_bytes = 64 * 1024;  // what an account, a certificate and a few records take

core::status write_probe(const std::string& directory) {
  const auto path = directory + "/write-probe";
  core::status out;
  {
    const disk::descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return disk::io_error(directory, "can not be written");
    const std::vector<char> content(probe_bytes);
    const auto n = ::write(file.get(), content.data(), content.size());
    if (n >= 0 && n < static_cast<ssize_t>(content.size())) errno = ENOSPC;  // what there was room for
    if (n < static_cast<ssize_t>(content.size()) || ::fdatasync(file.get()) != 0) out = disk::io_error(directory, "can not be written");
  }
  ::unlink(path.c_str());
  return out;
}

}  // namespace

disk_watch::disk_watch(core::environment& env, std::string directory, core::metrics& m, core::logger log)
    : env_(env),
      directory_(std::move(directory)),
      writable_(m.get_gauge("phyllo_disk_writable", "Whether the data directory can be written: 1, or 0.")),
      free_(m.get_gauge("phyllo_disk_free_bytes", "Bytes free in the data directory's file system.")),
      log_(std::move(log)) {
  writable_.set(1);
  look_at_room();
}

void disk_watch::look_at_room() {
  struct statvfs found{};
  if (::statvfs(directory_.c_str(), &found) != 0) return;
  free_bytes_ = static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
  free_.set(static_cast<double>(free_bytes_));
}

core::awaitable<void> disk_watch::run() {
  while (true) {  // ends by cancellation
    const auto written = std::make_shared<core::status>();
    std::function<void()> task = [written, directory = directory_] { *written = write_probe(directory); };
    const auto ran = co_await thread_.run(env_, std::move(task));
    if (ran) note("the data directory", *written);
    look_at_room();
    co_await core::sleep_for(env_, every);
  }
}

void disk_watch::note(const std::string& what, const core::status& s) {
  const bool was_good = failing_.empty();
  if (s) {
    failing_.erase(what);
  } else {
    failing_.insert_or_assign(what, s.error().detail());
  }
  const bool good = failing_.empty();
  writable_.set(good ? 1 : 0);
  if (good == was_good) return;
  if (good) return log_.info("{} can be written again", directory_);
  log_.error("{}: records, accounts and certificates are not kept; make room, or mount it writable", *wrong());
}

std::optional<std::string> disk_watch::wrong() const {
  if (failing_.empty()) return std::nullopt;
  return failing_.begin()->second;
}

}  // namespace phyllo::node
