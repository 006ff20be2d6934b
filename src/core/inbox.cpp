#include "phyllo/core/inbox.hpp"

#include <asio/post.hpp>
#include <atomic>
#include <utility>

namespace phyllo::core {
namespace {

constexpr std::size_t in_a_row_max = 256;  // then others' turn comes

struct node {
  inbox::work what;
  node* next = nullptr;
};

void destroy(node* list) {
  while (list != nullptr) delete std::exchange(list, list->next);  // ends with the list
}

}  // namespace

struct inbox::state : std::enable_shared_from_this<state> {
  state(executor ex, std::size_t most) : home(std::move(ex)), capacity(most) {}
  ~state() {
    destroy(posted.load());
    destroy(first);
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  void push(work w);
  void wake();
  void drain();
  void take_posted();

  executor home;
  std::size_t capacity;
  std::atomic<node*> posted{nullptr};  // by any thread; the newest first
  std::atomic<std::size_t> waiting{0};
  std::atomic<std::size_t> wakes{0};
  node* first = nullptr;  // on `home`: in their order, taken from `posted`
  node* last = nullptr;
};

// Who finds it empty wakes its thread; who comes after him, until that has looked, need not.
void inbox::state::push(work w) {
  auto* n = new node{std::move(w), posted.load(std::memory_order_relaxed)};
  while (!posted.compare_exchange_weak(n->next, n, std::memory_order_release, std::memory_order_relaxed)) {
  }  // ends: a failure is another one's success
  if (n->next == nullptr) wake();
}

void inbox::state::wake() {
  wakes.fetch_add(1, std::memory_order_relaxed);
  asio::post(home, [s = shared_from_this()] { s->drain(); });
}

void inbox::state::take_posted() {
  node* taken = posted.exchange(nullptr, std::memory_order_acquire);
  node* in_order = nullptr;
  node* newest = taken;
  while (taken != nullptr) {  // ends with the list
    auto* next = std::exchange(taken->next, in_order);
    in_order = std::exchange(taken, next);
  }
  if (in_order == nullptr) return;
  (first == nullptr ? first : last->next) = in_order;
  last = newest;
}

void inbox::state::drain() {
  take_posted();
  for (std::size_t i = 0; i < in_a_row_max && first != nullptr; ++i) {
    const std::unique_ptr<node> n(std::exchange(first, first->next));
    waiting.fetch_sub(1, std::memory_order_relaxed);
    n->what();
  }
  if (first != nullptr) wake();
}

inbox::inbox(executor home, std::size_t capacity) : state_(std::make_shared<state>(std::move(home), capacity)) {}
inbox::~inbox() = default;

bool inbox::post(work w) {
  if (state_->waiting.fetch_add(1, std::memory_order_relaxed) >= state_->capacity) {
    state_->waiting.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  state_->push(std::move(w));
  return true;
}

void inbox::post_surely(work w) {
  state_->waiting.fetch_add(1, std::memory_order_relaxed);
  state_->push(std::move(w));
}

std::size_t inbox::wakes() const noexcept { return state_->wakes.load(std::memory_order_relaxed); }

}  // namespace phyllo::core
