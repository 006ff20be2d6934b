#include "phyllo/core/log.hpp"

#include <fcntl.h>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>

#include "phyllo/core/errc.hpp"

namespace phyllo::core {
namespace {

constexpr std::size_t queue_lines_max = 8192;  // beyond it the oldest are overwritten: logging never blocks a shard

spdlog::level::level_enum to_spdlog(log_level level) {
  switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

// A file that can be read by its owner and group at most, whatever the umask; -1 with errno.
int open_log(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  struct stat file{};
  if (fd < 0 || ::fstat(fd, &file) != 0) return fd;
  const mode_t wanted = file.st_mode & 0640;
  if (S_ISREG(file.st_mode) && (file.st_mode & 0777) != wanted) (void)::fchmod(fd, wanted);  // another user's stays as that one made it
  return fd;
}

// spdlog's own file sink leaves the mode to the umask and can not go on in a new file. What a full disk does not take is lost: the node
// says so elsewhere.
class log_file final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit log_file(std::string path) : path_(std::move(path)), fd_(open_log(path_)) {}
  ~log_file() override {
    if (fd_ >= 0) ::close(fd_);
  }
  log_file(const log_file&) = delete;
  log_file& operator=(const log_file&) = delete;

  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  status reopen() {
    const int next = open_log(path_);
    if (next < 0) return fail(errc::io, path_ + ": cannot be written: " + std::generic_category().message(errno));
    const std::scoped_lock lock(mutex_);
    ::close(std::exchange(fd_, next));
    return {};
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (::write(fd_, line.data(), line.size()) < 0) return;
  }
  void flush_() override {}

  std::string path_;
  int fd_;
};

class spdlog_sink final : public log_sink {
 public:
  explicit spdlog_sink(std::shared_ptr<log_file> file)
      : file_(std::move(file)), pool_(std::make_shared<spdlog::details::thread_pool>(queue_lines_max, 1)) {
    spdlog::sink_ptr out = file_;
    if (!out) out = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    logger_ = std::make_shared<spdlog::async_logger>("phyllo", std::move(out), pool_, spdlog::async_overflow_policy::overrun_oldest);
    logger_->set_level(spdlog::level::debug);
    logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger_->flush_on(spdlog::level::info);
  }

  status reopen() override { return file_ ? file_->reopen() : status(); }
  void write(log_level level, std::string_view component, std::string_view message) override {
    logger_->log(to_spdlog(level), "{}: {}", component, one_line(message));
  }

 private:
  // A record is one line whatever a stranger sent.
  static std::string one_line(std::string_view text) {
    std::string out(text);
    for (auto& c : out) {
      if (static_cast<unsigned char>(c) < ' ' || c == 127) c = ' ';
    }
    return out;
  }

  std::shared_ptr<log_file> file_;  // null: standard error
  std::shared_ptr<spdlog::async_logger> logger_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;  // ends first: its thread writes what is queued, and is joined
};

}  // namespace

logger::logger(std::shared_ptr<log_sink> sink, std::string component, log_level least)
    : sink_(std::move(sink)), component_(std::move(component)), least_(least) {}

logger logger::of(std::string component) const {
  const auto scope = component_.rfind('/') + 1;  // npos + 1 is 0
  return {sink_, component_.substr(0, scope) + component, least_};
}

logger logger::about(std::string whom) const {
  auto out = *this;
  out.about_ = std::move(whom);
  return out;
}

logger logger::within(const std::string& scope) const { return {sink_, scope + "/" + component_, least_}; }

result<std::shared_ptr<log_sink>> make_log_sink(const std::string& path) {
  std::shared_ptr<log_file> file;
  if (!path.empty()) file = std::make_shared<log_file>(path);
  if (file && !file->is_open()) return fail(errc::io, path + ": cannot be written: " + std::generic_category().message(errno));
  try {
    return std::make_shared<spdlog_sink>(std::move(file));
  } catch (const std::runtime_error& e) {  // spdlog's own, and std::system_error
    return fail(errc::io, path + ": " + e.what());
  }
}

}  // namespace phyllo::core
