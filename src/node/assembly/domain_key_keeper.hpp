// The keys of this node's domains: from disk at the start, since then as the login server has them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/identity/domain_keyring.hpp"

namespace phyllo::node {

class domain_key_keeper {
 public:
  using keyring = std::shared_ptr<const identity::domain_keyring>;
  using source = std::function<core::awaitable<core::result<identity::domain_keyring>>()>;

  // `file` keeps the keys between two starts; empty: nothing does. The source is asked about as often as `every`. While it does not answer
  // the keys at hand stay. References outlive it.
  domain_key_keeper(core::environment& env, std::string file, core::duration every, source ask, core::logger log);

  void load();  // what was kept; a file that does not parse is none
  [[nodiscard]] keyring keys() const { return keys_; }
  // Called with each keyring that is new, or has come into use, and with the present one now.
  void tell(std::function<void(keyring)> of);

  // Asks now, unless it has asked a few times a moment ago: strangers cause that too. Who comes while it is asked waits for the same
  // answer.
  core::awaitable<void> refresh();
  core::awaitable<void> run();  // asks again and again; ends by cancellation

 private:
  void take(identity::domain_keyring fresh);
  void use(core::wall_time now);

  core::environment& env_;
  std::string file_;
  core::duration every_;
  source ask_;
  core::logger log_;
  keyring keys_ = std::make_shared<const identity::domain_keyring>();
  core::wall_time next_use_ = core::wall_time::max();  // when another generation comes into use
  bool asking_ = false;
  core::time_point asks_full_{};  // when as many may follow at once again (the generic cell rate algorithm)
  std::vector<std::function<void(keyring)>> told_;
};

}  // namespace phyllo::node
