// Keeps the node's certificate good: renewed before it ends, and at once when the overlay revokes it or says that it is outdated, when the
// document's anchors are others, or when the login server does not know it any more. Until then it says what is wrong.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "phyllo/core/backoff.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::node {

// What a certificate is worth to whoever holds it.
enum class standing {
  good,
  due,        // good, and renewed ahead of its end
  outdated,   // good, and says less or more than its account is entitled to
  unknown,    // the login server does not take it
  ended,      // its time is over
  foreign,    // of no anchor of the document
  revoked,    // by the list: its user's, of before a time
  dismissed,  // by the list: its node, for good
};

// Pure. `due`: when it is to be renewed; `refused`: the login server has said that it does not take it.
[[nodiscard]] standing standing_of(const identity::certificate& c, const identity::trust& t, core::wall_time now, core::wall_time due,
                                   bool refused);
// For people; empty where nothing is wrong.
[[nodiscard]] std::string text_of(standing s);

class certificate_keeper {
 public:
  // One attempt at a certificate in place of `old`.
  using source = std::function<core::awaitable<core::result<identity::credential>>(identity::credential old, standing why)>;
  using sink = std::function<core::awaitable<void>(identity::credential fresh)>;

  // `taken` gets each new one, which may be of another Node-ID. References outlive it.
  certificate_keeper(core::environment& env, const identity::trust& trust, identity::credential now, source renew, sink taken,
                     core::logger log);

  // Looks every 10 s, by the wall clock, which may jump. Ends by cancellation.
  core::awaitable<void> run();
  void look();      // now, and whatever pause an earlier failure made is over
  void mistrust();  // the login server refuses what it was asked by this certificate
  // What is wrong, and why it is not mended yet.
  [[nodiscard]] std::optional<std::string> wrong() const;

 private:
  [[nodiscard]] standing standing_now() const;
  void note(standing s);
  [[nodiscard]] core::status usable(const core::result<identity::credential>& got) const;
  core::awaitable<void> renew(standing why);

  core::environment& env_;
  const identity::trust& trust_;
  identity::credential credential_;
  core::wall_time due_;
  source renew_;
  sink taken_;
  core::logger log_;
  core::mailbox<bool> wanted_;
  core::backoff pause_;
  core::time_point next_try_{};
  standing noted_ = standing::good;
  std::string failure_;  // of the last attempt
  bool refused_ = false;
  core::time_point refusals_count_from_{};  // after a renewal for that reason they do not for a while: the next would end alike
};

}  // namespace phyllo::node
