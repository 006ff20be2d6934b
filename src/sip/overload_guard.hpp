// Overload control at the door: looks at each message before it is parsed, and lets in what can be done (overload_control.hpp). New
// requests are refused first, and those of strangers before those of sources that have proved who they are; dialogs and answers to
// challenges go on. Supernodes are told in its responses to send less (RFC 7339), so that what is too much ends with them.
#pragma once

#include <functional>
#include <random>
#include <string>

#include "glance.hpp"
#include "overload_control.hpp"
#include "overload_report.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

class overload_guard final : public doorkeeper {
 public:
  // Whether these credentials answer a challenge that was made for this source.
  using nonce_check = std::function<bool(const std::string& realm, std::string_view nonce, const source& from)>;

  // Has the kernel drop such shares, and says as transport::doors::shed() what it has dropped.
  using shedder = std::function<transport::socket_load(const sip_shares& dropped)>;

  // References outlive it.
  overload_guard(core::environment& env, nonce_check ours, shedder shed, core::metrics& m, core::logger log);

  void waited(core::duration wait) override;
  [[nodiscard]] entry enter(std::string_view text, const source& from, bool proven, core::duration age) override;
  [[nodiscard]] std::string refusal_of(std::string_view request) override;
  void leaving(std::string& response, const identity::node_id& to) override;

  // Measures how late the loop is. Ends by cancellation.
  core::awaitable<void> watch();

 private:
  void tell();
  void shed();
  [[nodiscard]] double read_share(const glance& seen, const source& from) const;
  [[nodiscard]] bool is_answered(const source& from);  // who is refused
  void allow_answers(double more) noexcept;
  [[nodiscard]] overload_control::rank rank_of(const glance& seen, const source& from, bool proven) const;

  core::environment& env_;
  nonce_check ours_;
  shedder shed_;
  core::metrics& metrics_;
  core::counter& unread_;
  core::logger log_;
  overload_control control_;
  std::minstd_rand dice_;  // nothing is secret here, and the system's own random would cost more than all the rest of a refusal
  std::string tag_;        // of To in refusals, so that their ACKs are known at a glance
  bool told_ = false;
  sip_shares shed_now_;
  double answers_ = 0;             // to refused requests, that may be sent now
  core::time_point filter_due_{};  // when little changes of them are told again
  struct told_neighbour {
    double share = 1;  // of newcomers, that it sends
    core::time_point until{};
  };
  core::bounded_map<identity::node_id, told_neighbour> neighbours_;
};

}  // namespace phyllo::sip
