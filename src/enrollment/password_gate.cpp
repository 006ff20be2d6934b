#include "password_gate.hpp"

#include "password.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/enrollment/errc.hpp"

namespace phyllo::enrollment {
namespace {

constexpr auto turn_within = std::chrono::seconds(9);  // clients wait for ten
constexpr auto refused_after = std::chrono::seconds(1);

core::hash_key random_key(core::environment& env) { return {core::random_u64(env), core::random_u64(env)}; }

struct computed {
  bool right = false;
  core::bytes salt, verifier;  // at the wanted cost, where the account's is less and the password right
};

// An account of less cost costs the rest too, right or wrong: else its refusal would be told by its speed.
void compute_verifiers(const password_check& check, const std::string& password, unsigned log2_n, computed& to) {
  to.right = right_password(check, password);
  if (check.scrypt_log2_n >= log2_n) return;
  auto salt = random_bytes(salt_bytes);
  auto verifier = derive_verifier(password, salt, log2_n);
  if (!to.right || verifier.empty()) return;
  to.salt = std::move(salt);
  to.verifier = std::move(verifier);
}

}  // namespace

struct password_gate::waiter {
  explicit waiter(core::environment& env) : signal(env.make_timer()) {}
  std::unique_ptr<core::timer> signal;
  bool dropped = false;
  std::optional<std::size_t> thread;  // its turn has come
};

// A place in the queue and then a thread: given back at the end, however that comes.
class password_gate::turn {
 public:
  explicit turn(password_gate& of) : of_(of), waiter_(of.env_) {}
  ~turn() {
    of_.queue_.leave(ticket_);
    of_.waiters_.erase(ticket_);
    if (!waiter_.thread) return;
    of_.idle_.push_back(*waiter_.thread);
    of_.give_turns();
  }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;

  [[nodiscard]] bool enter(const login_guard::attempt& a) {
    const auto e = of_.queue_.enter(a.lane, a.place.prefix);
    if (e.dropped) drop(*e.dropped);
    if (!e.mine) return false;
    ticket_ = *e.mine;
    of_.waiters_.emplace(ticket_, &waiter_);
    of_.give_turns();
    return true;
  }

  // Nothing: it did not come.
  core::awaitable<std::optional<std::size_t>> wait(core::time_point deadline) {
    while (!waiter_.thread && !waiter_.dropped && of_.env_.now() < deadline) {  // ends with its turn, or without
      waiter_.signal->set(deadline);
      co_await waiter_.signal->wait();
    }
    co_return waiter_.thread;
  }

 private:
  void drop(login_queue::ticket t) {
    const auto w = of_.waiters_.extract(t);
    if (w.empty()) return;
    w.mapped()->dropped = true;
    w.mapped()->signal->cancel();
  }

  password_gate& of_;
  waiter waiter_;
  login_queue::ticket ticket_ = 0;
};

password_gate::password_gate(core::environment& env, options o, accounts& a, core::metrics& m)
    : env_(env), options_(o), accounts_(a), metrics_(m), guard_(o.attempts_per_minute, random_key(env)) {
  for (const auto* reason : {"password", "address", "account", "busy"}) (void)failures(reason);
  for (std::size_t i = 0; i < std::max(1u, o.threads); ++i) {
    idle_.push_back(i);
    threads_.push_back(std::make_unique<core::worker>("phyllo-login"));
  }
}

core::counter& password_gate::failures(const char* reason) {
  return metrics_.get_counter("phyllo_log_ins_failed_total", "Log-ins by password that failed, by reason.", {{"reason", reason}});
}

core::awaitable<core::result<account>> password_gate::check(asio::ip::address from, std::string user, std::string password) {
  const auto attempt = guard_.begin(login_place::of(from), user, env_.now());
  if (attempt.refused) {
    failures(*attempt.refused == login_guard::refusal::address ? "address" : "account").add();
    co_await core::sleep_for(env_, refused_after);
    co_return core::fail(errc::too_many_attempts);
  }
  auto found = co_await check_in_turn(attempt, std::move(user), std::move(password));
  if (found) guard_.succeeded(attempt, env_.now());
  if (!found && found.error() == errc::failed_authentication) {
    guard_.failed(attempt, env_.now());
    failures("password").add();
  }
  if (!found && found.error() == core::errc::full) failures("busy").add();
  co_return found;
}

core::awaitable<core::result<account>> password_gate::check_in_turn(login_guard::attempt attempt, std::string user, std::string password) {
  turn mine(*this);
  if (!mine.enter(attempt)) co_return core::fail(core::errc::full, "too many log-ins wait");
  const auto thread = co_await mine.wait(env_.now() + turn_within);
  if (!thread) co_return core::fail(core::errc::full, "too many log-ins wait");
  co_return co_await compute(*thread, std::move(user), std::move(password));
}

// The database stays on this thread.
core::awaitable<core::result<account>> password_gate::compute(std::size_t thread, std::string user, std::string password) {
  const auto looked_up = accounts_.check_for(user, options_.scrypt_log2_n);
  if (!looked_up) co_return core::fail(looked_up.error());
  const auto check = std::make_shared<const password_check>(*looked_up);
  const auto done = std::make_shared<computed>();
  std::function<void()> work = [check, done, log2_n = options_.scrypt_log2_n, password = std::move(password)] {
    compute_verifiers(*check, password, log2_n, *done);
  };
  const auto ran = co_await threads_[thread]->run(env_, std::move(work));
  if (!ran) co_return core::fail(ran.error());
  if (!done->right) co_return core::fail(errc::failed_authentication);
  if (!done->verifier.empty()) {
    const raised_cost raised{done->salt, done->verifier, options_.scrypt_log2_n};
    if (auto kept = accounts_.raise_cost(user, *check, raised); !kept) co_return core::fail(kept.error());
  }
  co_return *check->known;
}

void password_gate::give_turns() {
  while (!idle_.empty()) {  // ends with the threads, or with who waits
    const auto t = queue_.next();
    if (!t) return;
    const auto w = waiters_.extract(*t);
    w.mapped()->thread = idle_.back();
    idle_.pop_back();
    w.mapped()->signal->cancel();
  }
}

}  // namespace phyllo::enrollment
