#include "phyllo/core/log.hpp"

#include <fcntl.h>
#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <system_error>

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

class spdlog_sink final : public log_sink {
 public:
  explicit spdlog_sink(const std::string& path) : pool_(std::make_shared<spdlog::details::thread_pool>(queue_lines_max, 1)) {
    spdlog::sink_ptr out;
    if (path.empty()) {
      out = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      out = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    }
    logger_ = std::make_shared<spdlog::async_logger>("phyllo", std::move(out), pool_, spdlog::async_overflow_policy::overrun_oldest);
    logger_->set_level(spdlog::level::debug);
    logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger_->flush_on(spdlog::level::info);
  }

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

  std::shared_ptr<spdlog::async_logger> logger_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;  // ends first: its thread writes what is queued, and is joined
};

// spdlog would make it with the mode that the umask leaves.
status make_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  struct stat file{};
  if (fd < 0 || ::fstat(fd, &file) != 0) {
    const auto why = std::generic_category().message(errno);
    if (fd >= 0) ::close(fd);
    return fail(errc::io, path + ": cannot be written: " + why);
  }
  const mode_t wanted = file.st_mode & 0640;
  if (S_ISREG(file.st_mode) && (file.st_mode & 0777) != wanted) (void)::fchmod(fd, wanted);  // another user's stays as that one made it
  ::close(fd);
  return {};
}

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
  if (!path.empty()) {
    if (auto made = make_file(path); !made) return fail(made.error());
  }
  try {
    return std::make_shared<spdlog_sink>(path);
  } catch (const std::runtime_error& e) {  // spdlog's own, and std::system_error
    return fail(errc::io, path + ": " + e.what());
  }
}

}  // namespace phyllo::core
