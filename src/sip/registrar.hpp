// The registrar of our domains (RFC 3261 s.10.3): checks who asks, keeps the overlay's records of the user's locations,
// and answers 200 only when the overlay has acknowledged what had to be written.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "authenticator.hpp"
#include "binding_table.hpp"
#include "code_counter.hpp"
#include "dialog_token.hpp"
#include "keyed_gate.hpp"
#include "location.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/sip/service.hpp"
#include "registration.hpp"
#include "transaction_layer.hpp"
#include "user_flows.hpp"

namespace phyllo::sip {

// What the registrar works with; all of it outlives it.
struct registrar_parts {
  core::environment& env;
  const own_names& own;
  sip::authenticator& authenticator;
  const token_sealer& sealer;
  overlay::overlay& overlay;
  transaction_layer& transactions;
  core::metrics& metrics;
};

class registrar {
 public:
  registrar(registrar_parts parts, const service_options& o, location_self self, core::logger log);

  void start();  // the sweeper of expired bindings
  // A new REGISTER; answered later.
  void on_request(server_id id, std::shared_ptr<const message> request, const source& from);
  void drain() { draining_ = true; }
  // Ends the bindings that a user has here, in the overlay too; gives back the connections that were his alone.
  [[nodiscard]] std::vector<flow_id> withdraw(const std::function<bool(const std::string& user)>& gone);
  void on_flow_closed(flow_id flow) { flows_.forget(flow); }
  // The bindings of an earlier process of this node, of users for whom `own` says so: they hold, and what is sent to their UDP flows is
  // heard there.
  void restore(std::string_view journal, const std::function<bool(const std::string& user)>& own);
  [[nodiscard]] binding_journal::change take_changes(bool anew) { return table_.take_changes(anew); }
  [[nodiscard]] std::size_t bindings() const noexcept { return table_.size(); }
  [[nodiscard]] std::size_t busy() const noexcept { return scope_.running() - (sweeping_ ? 1 : 0); }
  core::awaitable<void> stop();  // cancels and joins

 private:
  struct incoming {
    server_id id = server_id::none;
    std::shared_ptr<const message> request;
    source from;
    core::time_point arrived{};
    std::string user;   // "alice@example.com"
    std::string realm;  // its domain
    bool by_sha256 = false;
  };

  core::awaitable<void> handle(incoming in);
  core::awaitable<void> change(incoming in);
  core::awaitable<core::result<std::vector<binding>>> current(std::string user);
  core::awaitable<core::status> write(std::string user, registration_plan plan);
  core::awaitable<core::status> write_one(std::string user, binding b);
  core::awaitable<core::status> remove_one(std::string user, overlay::binding key);
  core::awaitable<void> sweep();
  core::awaitable<void> retire(std::string user, binding b);

  [[nodiscard]] std::string own_path(const incoming& in) const;
  bool admit(const incoming& in, const authentication& a);
  bool can_do_better(const incoming& in, const std::vector<binding>& known);  // true: he is asked to
  void challenge(const incoming& in, const authentication& a);
  bool refused_extension(const incoming& in);  // true: it has been
  void refuse(const incoming& in, int status, std::string_view phrase = {});
  void busy_signal(const incoming& in, int status, std::string_view why);  // with Retry-After
  void accept(const incoming& in, const std::vector<binding>& bindings);
  void keep_flow(const incoming& in);
  void send(const incoming& in, message response);

  registrar_parts parts_;
  registration_settings limits_;
  core::duration refusal_delay_;
  location_self self_;
  core::logger log_;
  code_counter registrations_;
  binding_table table_;
  user_flows flows_;
  keyed_gate gate_;
  core::task_scope scope_;
  bool draining_ = false;
  bool sweeping_ = false;
};

}  // namespace phyllo::sip
