#include "phyllo/sim/world.hpp"

#include <algorithm>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <cassert>
#include <exception>
#include <optional>
#include <system_error>

namespace phyllo::sim {

struct world::loop {
  asio::io_context io{ASIO_CONCURRENCY_HINT_UNSAFE};  // never two threads here
};

// Scheduled only while somebody waits. The one who waits is resumed by the event itself, never from inside another call.
class world::timer final : public core::timer, private event {
 public:
  explicit timer(world& w) : world_(w) {}
  ~timer() override {
    assert(!resume_);
    world_.remove(*this);
  }

  void set(core::time_point when) override {
    when_ = when;
    wake();
  }
  void cancel() override { wake(); }

  core::awaitable<bool> wait() override {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, bool)>(
        [this](auto handler) { begin(std::move(handler)); }, asio::use_awaitable);
  }

  // The world ends: what waits is destroyed, not resumed.
  void abandon() noexcept {
    leave();
    const auto dropped = std::exchange(resume_, {});
  }

 private:
  friend class world;
  using resumption = std::move_only_function<void(std::exception_ptr, bool)>;

  template <class Handler>
  void begin(Handler handler) {
    assert(!resume_);
    woken_ = aborted_ = false;
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([this](asio::cancellation_type) {
        aborted_ = true;
        wake();
      });
    }
    resume_ = std::move(handler);
    enter();
    if (when_ != core::time_point::max()) world_.schedule(*this, when_);
  }
  void wake() {
    if (!resume_ || woken_) return;
    woken_ = true;
    world_.schedule(*this, world_.now());
  }
  void fire() override {
    leave();
    const bool reached = !woken_;
    auto thrown = aborted_ ? std::make_exception_ptr(std::system_error(asio::error::operation_aborted)) : std::exception_ptr();
    auto resume = std::exchange(resume_, {});
    resume(std::move(thrown), reached);  // this may be destroyed by it
  }
  void enter() noexcept {
    next_ = world_.waiting_;
    before_ = nullptr;
    if (next_ != nullptr) next_->before_ = this;
    world_.waiting_ = this;
  }
  void leave() noexcept {
    (before_ != nullptr ? before_->next_ : world_.waiting_) = next_;
    if (next_ != nullptr) next_->before_ = before_;
  }

  world& world_;
  core::time_point when_ = core::time_point::max();
  resumption resume_;
  timer* next_ = nullptr;
  timer* before_ = nullptr;
  bool woken_ = false;
  bool aborted_ = false;
};

class world::call final : public event {
 public:
  explicit call(std::move_only_function<void()> f) : function_(std::move(f)) {}
  void fire() override {
    const std::unique_ptr<call> self(this);
    function_();
  }
  void drop() noexcept override { delete this; }

 private:
  std::move_only_function<void()> function_;
};

world::world(std::uint64_t seed) : now_(std::chrono::hours(1)), random_(seed), loop_(std::make_unique<loop>()) {}

world::~world() {
  queue_.drop_all();
  end_waits();
  loop_.reset();  // and with it what was posted, the frames of those that waited among it
}

void world::end_waits() noexcept {
  while (waiting_ != nullptr) waiting_->abandon();  // ends: each leaves the list
}

core::wall_time world::wall_now() const noexcept {
  return core::wall_time(std::chrono::seconds(1767225600)) + std::chrono::duration_cast<core::wall_time::duration>(now_.time_since_epoch());
}

void world::at(core::time_point when, std::move_only_function<void()> f) { schedule(*new call(std::move(f)), when); }

bool world::step(core::time_point end) {
  loop_->io.restart();
  if (loop_->io.poll() > 0) return true;
  if (queue_.next() > end || queue_.empty()) return false;
  now_ = std::max(now_, queue_.next());
  ++events_;
  queue_.take().fire();
  return true;
}

void world::run_for(core::duration span) {
  run_until([] { return false; }, span);
}

void world::spawn(core::awaitable<void> task) {
  asio::co_spawn(loop_->io, std::move(task), [](const std::exception_ptr& e) {
    if (e) std::rethrow_exception(e);
  });
}

bool world::finish(core::awaitable<void> task, core::duration limit) {
  const auto thrown = std::make_shared<std::optional<std::exception_ptr>>();
  asio::co_spawn(loop_->io, std::move(task), [thrown](const std::exception_ptr& e) { *thrown = e; });
  if (!run_until([&] { return thrown->has_value(); }, limit)) return false;
  if (**thrown) std::rethrow_exception(**thrown);
  return true;
}

core::time_point environment::now() const noexcept { return world_.now(); }
core::wall_time environment::wall_now() const noexcept {
  return world_.wall_now() + std::chrono::duration_cast<core::wall_time::duration>(skew_);
}
core::executor environment::get_executor() { return world_.loop_->io.get_executor(); }
std::unique_ptr<core::timer> environment::make_timer() { return std::make_unique<world::timer>(world_); }

void environment::random(std::span<std::uint8_t> out) {
  while (!out.empty()) {  // ends when all is filled
    auto word = world_.random()();
    const auto n = std::min(out.size(), sizeof word);
    for (std::size_t i = 0; i < n; ++i, word >>= 8) out[i] = static_cast<std::uint8_t>(word);
    out = out.subspan(n);
  }
}

}  // namespace phyllo::sim
