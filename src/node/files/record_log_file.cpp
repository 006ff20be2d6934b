#include "files/record_log_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "phyllo/disk/descriptor.hpp"
#include "phyllo/node/errc.hpp"

namespace phyllo::node {
namespace {

// A name is durable when its directory is.
core::status sync_directory_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path().string();
  const disk::descriptor directory(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return disk::io_error(path, "its directory can not be written");
  return {};
}

core::result<core::bytes> read_piece(const std::string& path, std::uint64_t offset, std::size_t bytes_max) {
  const disk::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return core::bytes();
  if (file.get() < 0) return disk::io_error(path, "cannot be read");
  core::bytes data(bytes_max);
  std::size_t got = 0;
  while (got < data.size()) {  // ends when full, at the file's end, or with an error
    const auto n = ::pread(file.get(), data.data() + got, data.size() - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return disk::io_error(path, "cannot be read");
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  data.resize(got);
  return data;
}

core::status append_piece(const std::string& path, core::byte_view data, bool anew) {
  const disk::descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (anew ? O_TRUNC : 0), 0600));
  if (file.get() < 0) return disk::io_error(path, "cannot be written");
  while (!data.empty()) {  // ends when all is written, or with an error
    const auto n = ::write(file.get(), data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return disk::io_error(path, "cannot be written");
    data = data.subspan(static_cast<std::size_t>(n));
  }
  if (::fdatasync(file.get()) != 0) return disk::io_error(path, "cannot be written");
  return {};
}

core::status rename_to(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return disk::io_error(to, "cannot be replaced");
  return sync_directory_of(to);
}

}  // namespace

record_log_file::record_log_file(core::environment& env, std::string path, std::function<void(const core::status&)> written)
    : env_(env), path_(std::move(path)), written_(std::move(written)) {}

template <class Result>
core::awaitable<Result> record_log_file::on_thread(std::function<Result(const std::string&)> work) {
  const auto result = std::make_shared<std::optional<Result>>();
  std::function<void()> task = [result, work = std::move(work), path = path_] { result->emplace(work(path)); };
  const auto ran = co_await thread_.run(env_, std::move(task));
  if (!ran) co_return core::fail(ran.error());
  co_return std::move(**result);
}

core::awaitable<core::status> record_log_file::write(std::function<core::status(const std::string&)> work) {
  auto done = co_await on_thread<core::status>(std::move(work));
  if (written_) written_(done);
  co_return done;
}

core::awaitable<core::result<core::bytes>> record_log_file::read(std::uint64_t offset, std::size_t bytes_max) {
  return on_thread<core::result<core::bytes>>([offset, bytes_max](const std::string& path) { return read_piece(path, offset, bytes_max); });
}

core::awaitable<core::status> record_log_file::append(core::bytes data) {
  return write([data = std::move(data)](const std::string& path) { return append_piece(path, data, false); });
}

core::awaitable<core::status> record_log_file::append_to_next(core::bytes data, bool anew) {
  return write([data = std::move(data), anew](const std::string& path) { return append_piece(path + ".new", data, anew); });
}

core::awaitable<core::status> record_log_file::replace() {
  return write([](const std::string& path) { return rename_to(path + ".new", path); });
}

core::awaitable<core::status> record_log_file::set_aside() {
  return write([](const std::string& path) { return rename_to(path, path + ".damaged"); });
}

}  // namespace phyllo::node
