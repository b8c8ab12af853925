"""Read from Chek how a provider is paid, because somebody asked."""

from temporalio import workflow

from contracts.flow import FlowInput
from contracts.provider import REFRESH_PROVIDER, ProviderRefreshed
from workflows import presets


@workflow.defn(name="provider-refresh")
class ProviderRefresh:
    """Ends when Chek has answered, however long that takes."""

    @workflow.run
    async def run(self, provider: FlowInput) -> ProviderRefreshed:
        """Ask, and write down what Chek says."""
        said: ProviderRefreshed = await workflow.execute_activity(
            REFRESH_PROVIDER, provider, result_type=ProviderRefreshed, summary="read from Chek", **presets.DATABASE
        )
        return said
