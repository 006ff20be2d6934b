// How the proxy answers strangers (caller_identity.md, "Strangers"): nobody who has not shown who he is learns from it which users there
// are, who is online and who refuses. The call itself is the service, so a phone that rings is heard to ring, and one that answers is
// heard.
#pragma once

#include <string>
#include <vector>

#include "context_table.hpp"
#include "own_names.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/task_scope.hpp"
#include "proxy_replies.hpp"

namespace phyllo::sip {

// How strangers are answered; see service_settings.
struct stranger_options {
  std::vector<std::string> methods;
  int answer = 480;
  core::duration delay{};
};

class stranger_refusals {
 public:
  struct parts {
    core::environment& env;
    const own_names& own;
    const context_table& contexts;
    proxy_replies& replies;
    core::task_scope& scope;  // of those that wait until they are due
  };
  // What `p` names must outlive it.
  stranger_refusals(parts p, stranger_options o) : parts_(p), options_(std::move(o)) {}

  // Other methods than these are not delivered, to whomever they are: a phone answers an OPTIONS at once, with much about itself.
  [[nodiscard]] bool open_to(const proxy_context& c) const;
  // Instead of this status he gets what all refused strangers get.
  [[nodiscard]] bool told_uniformly(const proxy_context& c, int status) const;
  [[nodiscard]] core::time_point due(const proxy_context& c) const { return c.arrived + options_.delay; }

  void refuse(proxy_context& c);
  void refuse_sips(proxy_context& c);  // RFC 5630 s.6

 private:
  [[nodiscard]] int answer() const noexcept { return options_.answer == 0 ? 480 : options_.answer; }
  core::awaitable<void> refuse_when_due(std::shared_ptr<proxy_context> c);

  parts parts_;
  stranger_options options_;
};

}  // namespace phyllo::sip
