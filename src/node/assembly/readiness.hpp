// When a node of the ring becomes ready, and stops being it: in the ring and ready are two things, for what a node lacks may be given and
// taken at any time.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"

namespace phyllo::node {

// Pure: what of a look is news.
class readiness {
 public:
  struct news {
    bool ready = false;    // it has become so
    bool lacking = false;  // it is not, or for another reason than before
    bool to_tell = false;  // whoever goes by it is to hear what it lacks now
  };
  // `lack`: what it can not serve for want of; nothing: it is ready.
  news see(const std::optional<std::string>& lack);

 private:
  std::optional<std::string> told_;
  bool was_ready_ = false;
};

// Looks every second, logs news and tells them to `hear`. Ends by cancellation.
core::awaitable<void> watch_readiness(core::environment& env, std::function<std::optional<std::string>()> lack,
                                      std::function<void(const std::optional<std::string>& lack)> hear, core::logger log);

}  // namespace phyllo::node
