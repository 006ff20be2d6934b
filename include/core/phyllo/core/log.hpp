// One-line records with an ISO-8601 time, a level and a component. No secrets and no user names by default.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "phyllo/core/result.hpp"

namespace phyllo::core {

enum class log_level { debug, info, warning, error };

// What makes a line. The same cause again and again is written a few times, then counted (log_ration.hpp).
struct log_cause {
  log_level level = log_level::info;
  std::string_view component;
  std::string_view format;  // as the place in the code has it, which outlives every sink
  std::string_view about;   // whom, where each is a cause of its own (logger::about); empty: nobody
};

class log_sink {
 public:
  virtual ~log_sink() = default;
  // Asked before each line. False: it is counted and not written.
  [[nodiscard]] virtual bool admits(const log_cause&) { return true; }
  virtual void write(log_level level, std::string_view component, std::string_view message) = 0;
  // Lines from now on go to the file of the same name, which somebody may have moved away meanwhile (logrotate). errc::io: they go where
  // they went.
  virtual status reopen() { return {}; }
};

// Stands for one component; cheap to copy. A default logger is silent.
class logger {
 public:
  logger() = default;
  logger(std::shared_ptr<log_sink> sink, std::string component, log_level least = log_level::info);

  [[nodiscard]] logger of(std::string component) const;         // same sink and level, another component
  [[nodiscard]] logger within(const std::string& scope) const;  // whose components, also those made by of(), stand behind "scope/"
  [[nodiscard]] logger about(std::string whom) const;           // of lines that are a cause of their own for each one that they are about
  [[nodiscard]] bool enabled(log_level level) const noexcept { return sink_ != nullptr && level >= least_; }

  template <class... Args>
  void debug(fmt::format_string<Args...> f, Args&&... args) const {
    put(log_level::debug, f, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> f, Args&&... args) const {
    put(log_level::info, f, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> f, Args&&... args) const {
    put(log_level::warning, f, std::forward<Args>(args)...);
  }
  template <class... Args>
  void error(fmt::format_string<Args...> f, Args&&... args) const {
    put(log_level::error, f, std::forward<Args>(args)...);
  }

 private:
  template <class... Args>
  void put(log_level level, fmt::format_string<Args...> f, Args&&... args) const {
    if (!enabled(level)) return;
    const fmt::string_view text = f;
    if (sink_->admits({level, component_, {text.data(), text.size()}, about_}))
      sink_->write(level, component_, fmt::format(f, std::forward<Args>(args)...));
  }

  std::shared_ptr<log_sink> sink_;
  std::string component_;
  std::string about_;
  log_level least_ = log_level::info;
};

// Writes to `path`, or to standard error when it is empty, on a thread of its own behind a bounded queue (spdlog). The file can be read by
// its owner and group at most (0640): its lines hold addresses. errc::io: it can not be opened.
[[nodiscard]] result<std::shared_ptr<log_sink>> make_log_sink(const std::string& path);

}  // namespace phyllo::core
