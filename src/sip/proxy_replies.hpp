// The proxy's own replies to requests (RFC 3261 s.16.3 and s.16.7 step 6), and what ends with the final one: what is counted of a request
// while it waits for that.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "code_counter.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "proxy_context.hpp"

namespace phyllo::sip {

class proxy_replies {
 public:
  // References must outlive it.
  proxy_replies(core::environment& env, transaction_layer& transactions, core::metrics& m);

  void came() { ++unanswered_; }  // a request has
  // It is let in: whatever passes in the same way before its final answer goes in a circle (RFC 5393 s.4.2).
  void let_in(proxy_context& c);
  [[nodiscard]] bool circles(const proxy_context& c) const { return passages_.contains(c.passage); }

  // A response to `c`, which is not answered yet, with its transaction's To tag.
  [[nodiscard]] message response_to(const proxy_context& c, int status, std::string_view phrase = {}) const;
  void reply(proxy_context& c, int status, std::string_view phrase = {});  // does nothing where it is answered
  void reply(proxy_context& c, message response);
  void unavailable(proxy_context& c, int status, std::string_view phrase);  // with Retry-After; nothing where it is answered
  // The final answer is out, 0: it has ended without one. Only what late 2xx need is kept.
  void finish(proxy_context& c, int status);

  [[nodiscard]] std::size_t unanswered() const noexcept { return unanswered_; }

 private:
  core::environment& env_;
  transaction_layer& transactions_;
  code_counter calls_;
  std::unordered_multiset<std::uint64_t> passages_;  // of requests without a final answer
  std::size_t unanswered_ = 0;
};

}  // namespace phyllo::sip
