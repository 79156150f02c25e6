"""Our Adam is PyTorch's, to the bit, without its bookkeeping."""

from __future__ import annotations

import copy

import torch

from vae_studio.engine.adam import FusedAdam


def _net() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(7, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3))


def _loss(net: torch.nn.Module, step: int) -> torch.Tensor:
    x = torch.randn(11, 7, generator=torch.Generator().manual_seed(step))
    return net(x).square().sum()


def test_that_it_takes_the_same_steps_as_pytorchs_adam() -> None:
    mine, theirs = _net(), _net()
    ours, reference = (
        FusedAdam(mine.parameters()),
        torch.optim.Adam(theirs.parameters(), fused=True),
    )
    for step in range(20):
        ours.zero_grad()
        _loss(mine, step).backward()
        ours.step(1e-3 * (step + 1))
        reference.zero_grad()
        reference.param_groups[0]["lr"] = 1e-3 * (step + 1)
        _loss(theirs, step).backward()
        reference.step()
    for a, b in zip(mine.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


def test_that_a_step_found_bad_is_not_taken_and_not_counted() -> None:
    net = _net()
    adam = FusedAdam(net.parameters())
    _loss(net, 0).backward()
    adam.step(0.1)
    before = copy.deepcopy([p.detach() for p in net.parameters()])
    adam.found_inf = torch.ones(())
    adam.step(0.1)
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), before, strict=True))
    assert adam.steps == 1


def test_that_its_state_comes_back_whole() -> None:
    net = _net()
    adam = FusedAdam(net.parameters())
    names = [name for name, _ in net.named_parameters()]
    for step in range(3):
        adam.zero_grad()
        _loss(net, step).backward()
        adam.step(0.01)
    twin = copy.deepcopy(net)
    again = FusedAdam(twin.parameters())
    again.load(names, adam.state(names))
    for optimiser, model in ((adam, net), (again, twin)):
        optimiser.zero_grad()
        _loss(model, 9).backward()
        optimiser.step(0.01)
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), twin.parameters(), strict=True))
