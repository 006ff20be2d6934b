// Lets one coroutine a key in at a time, in the order they came: REGISTERs of one user are atomic (RFC 3261 s.10.3).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::sip {

class keyed_gate {
 public:
  // `env` must outlive it, and it every pass and waiter. At most `queue_max` wait for one key.
  keyed_gate(core::environment& env, std::size_t queue_max) : env_(env), queue_max_(queue_max) {}

  class pass {  // held while inside; its end lets the next one in
   public:
    pass(keyed_gate& gate, std::string key) : gate_(&gate), key_(std::move(key)) {}
    pass(pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), key_(std::move(other.key_)) {}
    pass& operator=(pass&&) = delete;
    ~pass() {
      if (gate_ != nullptr) gate_->leave(key_);
    }

   private:
    keyed_gate* gate_;
    std::string key_;
  };

  // Awaits its turn; core::errc::full.
  core::awaitable<core::result<pass>> enter(std::string key);

 private:
  struct waiter {
    std::unique_ptr<core::timer> wake;
    bool admitted = false;
  };
  using line = std::deque<std::shared_ptr<waiter>>;  // an entry of lines_ without waiters: one is inside

  void leave(const std::string& key);
  void give_up(const std::string& key, const std::shared_ptr<waiter>& w);

  core::environment& env_;
  std::size_t queue_max_;
  std::map<std::string, line> lines_;
};

}  // namespace phyllo::sip
