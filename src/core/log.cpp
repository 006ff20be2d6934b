#include "phyllo/core/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

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

}  // namespace

logger::logger(std::shared_ptr<log_sink> sink, std::string component, log_level least)
    : sink_(std::move(sink)), component_(std::move(component)), least_(least) {}

logger logger::of(std::string component) const {
  const auto scope = component_.rfind('/') + 1;  // npos + 1 is 0
  return {sink_, component_.substr(0, scope) + component, least_};
}

logger logger::within(const std::string& scope) const { return {sink_, scope + "/" + component_, least_}; }

std::shared_ptr<log_sink> make_log_sink(const std::string& path) { return std::make_shared<spdlog_sink>(path); }

}  // namespace phyllo::core
